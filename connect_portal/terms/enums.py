"""The choices and the audit tags of this room."""

from enum import StrEnum

from django.db import models


class Base(models.TextChoices):
    """What a rate is taken of."""

    FEE = "fee", "The fee as charged"


class Tag(StrEnum):
    """What this room writes into the trail."""

    VERSION_ADDED = "terms:plan_version:added"
