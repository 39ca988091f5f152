"""Tables of this room. Triggers (migration 0002) refuse every change to what was once written,
and every transfer that does not balance.

Amounts are in the currency of the fee they come from. A ledger line adds to its account where
positive and takes from it where negative, so the world sums to zero in every currency.
"""

from django.db import models
from django.db.models.functions import Now

from connect_portal.kit.money import AMOUNT
from connect_portal.settlement.enums import AccountKind, Source, Why
from connect_portal.terms.rates import COMMISSION, RATE


class LedgerAccount(models.Model):
    """One pot of one currency: the programme's, or an institution's."""

    kind = models.CharField(max_length=10, choices=AccountKind.choices)
    institution = models.ForeignKey("institutions.Institution", models.PROTECT, null=True)
    currency = models.CharField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "kind", "currency"], name="settlement_account_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "currency"],
                condition=models.Q(institution=None),
                name="settlement_own_account_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AccountKind.EXPENSE, institution__isnull=True)
                | (~models.Q(kind=AccountKind.EXPENSE) & models.Q(institution__isnull=False)),
                name="settlement_account_has_its_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.currency} of {self.institution_id or 'the programme'}"


class Transfer(models.Model):
    """One movement of money, named by what it was made for, so that it is made once."""

    source = models.CharField(max_length=10, choices=Source.choices)
    source_id = models.BigIntegerField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="settlement_transfer_once")
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.source_id}"


class LedgerLine(models.Model):
    """What a transfer does to one account. Its lines sum to zero per currency, none is zero."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="lines")
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="lines")
    amount = models.DecimalField(**COMMISSION)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "account"], name="settlement_ledger_line_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(amount=0), name="settlement_ledger_line_not_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to account {self.account_id}"


class Accrual(models.Model):
    """What one attributed fill earned, unrounded, and by which terms."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT)
    attribution = models.OneToOneField("trades.Attribution", models.PROTECT)
    fill = models.ForeignKey("trades.Fill", models.PROTECT, related_name="+")
    day = models.DateField(help_text="Of the fill, in UTC.")
    instrument = models.CharField()
    currency = models.CharField()
    fee = models.DecimalField(**AMOUNT, help_text="Negative = charged, positive = rebate.")
    plan_version = models.ForeignKey("terms.PlanVersion", models.PROTECT)
    level = models.PositiveSmallIntegerField()
    rate = models.DecimalField(**RATE)
    amount = models.DecimalField(**COMMISSION)
    why = models.CharField(max_length=10, choices=Why.choices)
    accrued_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(why=Why.EARNED, amount__gt=0)
                | (~models.Q(why=Why.EARNED) & models.Q(amount=0)),
                name="settlement_accrual_earned_or_nothing",
            )
        ]
        indexes = [
            models.Index(fields=["institution", "day"], name="settlement_accrual_by_day"),
            models.Index(fields=["institution", "id"], name="settlement_accrual_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for fill {self.fill_id}"


class Cursor(models.Model):
    """How far an institution's news is accrued and its days are closed. Its row lock puts
    everything that settles the institution in line.

    Whatever has a day up to ``closed_through`` and an id up to ``closed_accrual`` is on a
    statement; nothing else is.
    """

    institution = models.OneToOneField("institutions.Institution", models.PROTECT, primary_key=True)
    sequence = models.BigIntegerField(db_default=0)
    closed_through = models.DateField(null=True)
    closed_accrual = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"{self.institution_id} accrued to {self.sequence}, closed {self.closed_through}"


class Statement(models.Model):
    """The paper of one closed day. Its content is fixed at closing; being issued is the only
    thing that still happens to it."""

    institution = models.ForeignKey("institutions.Institution", models.PROTECT)
    institution_name = models.CharField(max_length=120, help_text="As it was at closing.")
    venue = models.CharField(max_length=24)
    number = models.PositiveIntegerField()
    day = models.DateField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    closed_at = models.DateTimeField(db_default=Now())
    proposed_by = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, related_name="+", help_text="None: the clock."
    )
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "number"], name="settlement_statement_in_order"
            ),
            models.UniqueConstraint(
                fields=["institution", "day"], name="settlement_statement_once_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, issued_at__isnull=True)
                | models.Q(confirmed_by__isnull=False, issued_at__isnull=False),
                name="settlement_statement_issued_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | models.Q(proposed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("proposed_by")),
                name="settlement_statement_four_eyes",
            ),
        ]
        indexes = [models.Index(fields=["-day", "-id"], name="settlement_statement_by_day")]

    def __str__(self) -> str:
        return f"statement {self.number} of {self.institution_name}"


class StatementLine(models.Model):
    """The sum of one pair and currency; an earlier day than the statement's is an adjustment."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    day = models.DateField()
    instrument = models.CharField()
    currency = models.CharField()
    fills = models.PositiveIntegerField()
    fee = models.DecimalField(**AMOUNT)
    exact = models.DecimalField(**COMMISSION)
    payable = models.DecimalField(**AMOUNT, help_text="Rounded half-even to the payout scale.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "number"], name="settlement_statement_line_in_order"
            ),
            models.UniqueConstraint(
                fields=["statement", "day", "instrument", "currency"],
                name="settlement_statement_line_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payable} {self.currency} for {self.instrument} on {self.day}"


class StatedAccrual(models.Model):
    """That an accrual is on a statement, and in which line: never in two."""

    accrual = models.OneToOneField(Accrual, models.PROTECT, primary_key=True, related_name="stated")
    line = models.ForeignKey(StatementLine, models.PROTECT, related_name="stated", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["line", "accrual"], name="settlement_stated_of_line")]

    def __str__(self) -> str:
        return f"accrual {self.accrual_id} in line {self.line_id}"
