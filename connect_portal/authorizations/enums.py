"""The states of a binding, and the audit tags of what happens to it."""

from enum import StrEnum

from django.db import models


class BindingState(models.TextChoices):
    """The life of a binding. While it is live, fills of its account are synced and attributed."""

    BOUND = "bound", "Working"
    DEGRADED = "degraded", "Key refused by the venue"
    UNBOUND = "unbound", "Ended"


LIVE_STATES = (BindingState.BOUND, BindingState.DEGRADED)
"""States in which the end user's leave stands; a degraded key still authorizes, it cannot sync."""


class Tag(StrEnum):
    """What this room writes into the trail."""

    BOUND = "authorizations:binding:bound"
    REPLACED = "authorizations:binding:replaced"
    DEGRADED = "authorizations:binding:degraded"
    UNBOUND = "authorizations:binding:unbound"
