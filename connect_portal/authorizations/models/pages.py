"""What the page of an account keeps: the key it signs with, and the paper money it gave."""

from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.enums import GIFTS_A_DAY
from connect_portal.authorizations.models.accounts import HoldsKey, VenueAccount, VenueKey
from connect_portal.kit.money import AMOUNT


class PageKey(HoldsKey):
    """The key with which an account's page signs; one an account, made anew when it is gone."""

    venue_account = models.OneToOneField(VenueAccount, models.PROTECT, related_name="page_key")
    venue_key = models.OneToOneField(VenueKey, models.PROTECT, related_name="page_key")
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.key_hint}… for the page of {self.venue_account_id}"


class Gift(models.Model):
    """Paper money from the faucet. The row is written before the exchange is asked and names the
    gift there, so that asking again gives nothing twice."""

    venue_account = models.ForeignKey(VenueAccount, models.PROTECT, related_name="gifts")
    day = models.DateField(help_text="In UTC, by the wall clock, like every limit.")
    number = models.PositiveSmallIntegerField(
        help_text="Counts an account's gifts of a day from 1."
    )
    currency = models.CharField(max_length=16)
    amount = models.DecimalField(**AMOUNT)
    given_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["venue_account", "day", "number"], name="authorizations_gift_once"
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, number__lte=GIFTS_A_DAY),
                name="authorizations_gift_within_the_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} to {self.venue_account_id}"

    @property
    def reference(self) -> str:
        """The name of this gift at the exchange."""
        return f"page {self.day} {self.number} {self.currency}"
