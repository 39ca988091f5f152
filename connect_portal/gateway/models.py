"""Tables of this room: decisions about orders, and what the venue said of those let through.

Both are only ever added to; triggers refuse everything else. A decision is committed before its
order leaves, so an order at the venue always has one, whatever dies in between; an allowed
decision without an outcome is an order that we sent and whose answer we never noted.
"""

from django.db import models
from django.db.models.functions import Now

from connect_portal.gateway.enums import Operation


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
