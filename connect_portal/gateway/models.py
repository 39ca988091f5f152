"""Tables of this room: decisions about orders, what the venue said of those let through, and what
of a grant's limits they hold.

Decisions and outcomes are only ever added to; triggers refuse everything else. A decision is
committed before its order leaves, so an order at the venue always has one, whatever dies in
between; an allowed decision without an outcome is an order that we sent and whose answer we never
noted: its row in `Unanswered` says so until somebody has looked. Rows are written by statements of
`actions`, so defaults live in the database.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.gateway.enums import Operation
from connect_portal.kit.money import AMOUNT


class Decision(models.Model):
    """What the gateway decided about one order item, and why.

    The texts are as the caller sent them, cut to their columns. ``code`` is "0" when it was let
    through, otherwise the number the caller was told.
    """

    grant = models.ForeignKey("authorizations.Grant", models.PROTECT, related_name="decisions")
    institution = models.ForeignKey("institutions.Institution", models.PROTECT)
    operation = models.CharField(max_length=8, choices=Operation.choices)
    instrument = models.CharField(max_length=32, blank=True)
    client_order_id = models.CharField(max_length=32, blank=True)
    order_id = models.CharField(max_length=32, blank=True)
    tag_sent = models.CharField(max_length=32, blank=True)
    tag_forwarded = models.CharField(max_length=16, blank=True)
    allowed = models.BooleanField()
    code = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["grant", "-id"], name="gateway_decision_of_grant"),
            models.Index(fields=["institution", "-id"], name="gateway_decision_of_firm"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(allowed=models.Q(code="0")),
                name="gateway_decision_refused_with_a_code",
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.instrument}: {self.code}"


class Outcome(models.Model):
    """What came of a decision to let an order through: the venue's code for it, "0" if it took it,
    or ours when the venue could not be asked."""

    decision = models.OneToOneField(
        Decision, models.PROTECT, primary_key=True, related_name="outcome"
    )
    code = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True)
    order_id = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.code}"


class Unanswered(models.Model):
    """A decision whose order was sent, or is about to be; the outcome takes this row away."""

    decision = models.OneToOneField(
        Decision, models.PROTECT, primary_key=True, related_name="unanswered"
    )
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.decision_id} since {self.since}"


class Budget(models.Model):
    """How much of a grant's limit of a day its orders hold: resting and filled, in USD.

    Every reservation is one conditional update of this row, so parallel orders never overshoot.
    """

    grant = models.ForeignKey("authorizations.Grant", models.PROTECT, related_name="budgets")
    day = models.DateField(help_text="In UTC, by the wall clock, like every limit.")
    used = models.DecimalField(**AMOUNT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "day"], name="gateway_budget_once")]

    def __str__(self) -> str:
        return f"{self.used} USD by {self.grant_id} on {self.day}"


class Reservation(models.Model):
    """What one allowed decision holds of its day's budget, until its order is over.

    A new order holds its worth, an amendment what it adds. Once the order is over the rows of it
    keep together what was filled, the oldest first.
    """

    decision = models.OneToOneField(
        Decision, models.PROTECT, primary_key=True, related_name="reservation"
    )
    grant = models.ForeignKey("authorizations.Grant", models.PROTECT, related_name="reservations")
    day = models.DateField()
    instrument = models.CharField(max_length=32)
    client_order_id = models.CharField(max_length=32, blank=True)
    order_id = models.CharField(max_length=32, blank=True, db_default="")
    usd = models.DecimalField(**AMOUNT, help_text="What one of the quote money was worth.")
    held = models.DecimalField(**AMOUNT, help_text="USD.")
    looked_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["looked_at"],
                condition=models.Q(settled_at=None),
                name="gateway_reservation_open",
            ),
            models.Index(
                fields=["grant"],
                condition=models.Q(settled_at=None),
                name="gateway_reservation_of_grant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held} USD by {self.decision_id}"


class Replay(models.Model):
    """A request that came under an Idempotency-Key, and the answer that its repetitions get.

    It is claimed before anything is decided. ``decisions`` are known before anything is sent, so a
    request whose process died is told by what became of them, and one without any never left.
    """

    grant = models.ForeignKey("authorizations.Grant", models.PROTECT, related_name="replays")
    key = models.CharField(max_length=128)
    request = models.BinaryField(help_text="SHA-256 of method, target and body.")
    claimed_at = models.DateTimeField(db_default=Now())
    decisions = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    is_unknown = models.BooleanField(default=False, db_default=False)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "key"], name="gateway_replay_once")]
        indexes = [models.Index(fields=["claimed_at"], name="gateway_replay_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.grant_id}"


class Seal(models.Model):
    """A span of decisions and their hash, which the audit trail holds as well: who rewrites a
    decision afterwards, whatever rights he has here, must rewrite the whole trail."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    count = models.IntegerField()
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.first_id} to {self.last_id}"


class TestCall(models.Model):
    """One request of a test client: what it asked for and what it was told.

    ``held`` says whether its token was good; ``items`` has for each order the ids and the tag that
    it named, what it wanted, its code and the tag given back.
    """

    grant = models.ForeignKey("authorizations.Grant", models.PROTECT, related_name="test_calls")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=128)
    code = models.CharField(max_length=8)
    held = models.BooleanField()
    client_order_id = models.CharField(max_length=32, blank=True)
    items = models.JSONField(default=list)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["grant", "id"], name="gateway_test_call_of_grant"),
            models.Index(fields=["at"], name="gateway_test_call_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.code}"
