"""Tables of this room. Venue facts are never edited by people; roll-ups can be rebuilt from them.

Written by ``actions.ingest`` in sets, so defaults live in the database. The venue's own words
(ids, instruments, tags) have no length here: a longer one than expected must not block a page.
"""

from django.db import models
from django.db.models.functions import Now

from connect_portal.kit.money import AMOUNT
from connect_portal.trades.enums import Liquidity, OrderState, Reason, Side


class Order(models.Model):
    """An order as the venue last described it."""

    venue_account = models.ForeignKey("authorizations.VenueAccount", models.PROTECT)
    order_id = models.CharField()
    client_order_id = models.CharField(blank=True)
    instrument = models.CharField()
    side = models.CharField(max_length=4, choices=Side.choices)
    kind = models.CharField()
    tag = models.CharField(blank=True)
    state = models.CharField(max_length=20, choices=OrderState.choices)
    price = models.DecimalField(**AMOUNT, null=True)
    size = models.DecimalField(**AMOUNT)
    size_unit = models.CharField(max_length=5, help_text="What size counts: base or quote.")
    filled_size = models.DecimalField(**AMOUNT)
    placed_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["venue_account", "order_id"], name="trades_order_once")
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.size} {self.instrument}"


class Fill(models.Model):
    """One execution on a venue account. The venue's bill number is its identity there."""

    venue_account = models.ForeignKey("authorizations.VenueAccount", models.PROTECT)
    bill_id = models.CharField()
    trade_id = models.CharField()
    order_id = models.CharField()
    client_order_id = models.CharField(blank=True)
    instrument = models.CharField()
    side = models.CharField(max_length=4, choices=Side.choices)
    liquidity = models.CharField(max_length=5, choices=Liquidity.choices)
    price = models.DecimalField(**AMOUNT)
    size = models.DecimalField(**AMOUNT, help_text="In the base currency.")
    fee = models.DecimalField(**AMOUNT, help_text="Negative = charged, positive = rebate.")
    fee_currency = models.CharField()
    quote_currency = models.CharField()
    tag = models.CharField(blank=True)
    filled_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["venue_account", "bill_id"], name="trades_fill_once")
        ]
        indexes = [models.Index(fields=["venue_account", "-filled_at"], name="trades_fill_by_time")]

    def __str__(self) -> str:
        return f"{self.side} {self.size} {self.instrument} at {self.price}"


class Attribution(models.Model):
    """What a fill is to an institution. ``sequence`` numbers an institution's news without gaps,
    in the order of commits, so a live page can say how far it has read."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT)
    sequence = models.BigIntegerField()
    fill = models.ForeignKey(Fill, models.PROTECT, related_name="attributions")
    attributed = models.BooleanField()
    reason = models.CharField(max_length=16, choices=Reason.choices)
    detail = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "sequence"], name="trades_attribution_in_order"
            ),
            models.UniqueConstraint(fields=["fill", "institution"], name="trades_attribution_once"),
            models.CheckConstraint(
                condition=models.Q(attributed=models.Q(reason=Reason.OWN_CODE)),
                name="trades_attribution_only_by_own_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} #{self.sequence}: {self.reason}"


class FeedHead(models.Model):
    """The newest sequence number of an institution; its row lock puts writers in line."""

    institution = models.OneToOneField("institutions.Institution", models.PROTECT, primary_key=True)
    sequence = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.institution_id} at {self.sequence}"


class MinuteRollup(models.Model):
    """Sums of an institution's fills by minute, pair, reason and the fee's currency."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT)
    minute = models.DateTimeField()
    instrument = models.CharField()
    quote_currency = models.CharField()
    fee_currency = models.CharField()
    reason = models.CharField(max_length=16, choices=Reason.choices)
    fills = models.BigIntegerField()
    volume = models.DecimalField(**AMOUNT, help_text="In the quote currency.")
    fee = models.DecimalField(**AMOUNT, help_text="In the fee's currency; negative = charged.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "minute", "instrument", "fee_currency", "reason"],
                name="trades_minute_rollup_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.minute:%H:%M} {self.instrument}"


class Cursor(models.Model):
    """How far one venue account has been read, when it is due again, and what went wrong."""

    venue_account = models.OneToOneField(
        "authorizations.VenueAccount", models.PROTECT, primary_key=True
    )
    newest_bill_id = models.CharField(blank=True)
    newest_order_id = models.CharField(blank=True)
    due_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    failures = models.IntegerField(db_default=0)
    trouble = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="trades_cursor_due")]

    def __str__(self) -> str:
        return f"{self.venue_account_id} to {self.newest_bill_id or 'the beginning'}"


class Quarantine(models.Model):
    """A row of the venue that we could not read, kept as it came, never guessed at."""

    venue_account = models.ForeignKey("authorizations.VenueAccount", models.PROTECT)
    why = models.CharField(max_length=200)
    raw = models.TextField()
    fingerprint = models.CharField(max_length=64, unique=True)
    seen_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.why
