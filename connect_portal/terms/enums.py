"""The choices of this room."""

from django.db import models


class Base(models.TextChoices):
    """What a rate is taken of."""

    FEE = "fee", "The fee as charged"
