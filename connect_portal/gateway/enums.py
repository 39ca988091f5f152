"""What can be asked for at the gateway."""

from django.db import models


class Operation(models.TextChoices):
    """What an order item asks for."""

    PLACE = "place", "Place"
    AMEND = "amend", "Amend"
    CANCEL = "cancel", "Cancel"
    STRATEGY = "strategy", "Strategy order"
