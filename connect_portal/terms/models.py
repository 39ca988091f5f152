"""Tables of this room: commission plans as versions. Triggers refuse every change to a row."""

from django.db import models
from django.db.models.functions import Now

from connect_portal.kit.money import AMOUNT
from connect_portal.terms.enums import Base
from connect_portal.terms.rates import RATE


class Plan(models.Model):
    """A way of paying commission, and where it comes from."""

    name = models.CharField(max_length=120, unique=True)
    source = models.CharField(max_length=400)
    is_example = models.BooleanField(help_text="Not an offer: shipped to try things with.")

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """A plan as it stands from a moment on. A contract names one version and keeps it."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    effective_from = models.DateTimeField(db_default=Now())
    base = models.CharField(max_length=16, choices=Base.choices)
    is_shipped = models.BooleanField(
        db_default=True, help_text="As a release has it; else two people of the exchange made it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="terms_version_in_order"),
            models.CheckConstraint(
                condition=models.Q(base__in=Base.values), name="terms_version_base_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} v{self.number}"


class PlanTier(models.Model):
    """One level of a version: what it takes, and what it pays."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="tiers")
    level = models.PositiveSmallIntegerField()
    min_volume = models.DecimalField(**AMOUNT, help_text="Spot, USDT a calendar month.")
    min_traders = models.PositiveIntegerField(help_text="End users who traded in that month.")
    rate = models.DecimalField(**RATE, help_text="Share of the base.")
    affiliated_rate = models.DecimalField(
        **RATE, help_text="The same where the end user has another inviter."
    )

    class Meta:
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(fields=["version", "level"], name="terms_tier_once"),
            models.CheckConstraint(
                condition=models.Q(rate__range=(0, 1))
                & models.Q(affiliated_rate__range=(0, models.F("rate"))),
                name="terms_tier_rates_are_shares",
            ),
        ]

    def __str__(self) -> str:
        return f"level {self.level}: {self.rate}"
