"""What somebody proposed in order to renew a contract, and who decided about it."""

from typing import Final

from django.db import models

from connect_portal.institutions.enums import ProposalState
from connect_portal.institutions.models.contracts import Contract
from connect_portal.institutions.models.moves import NOTE_LENGTH

ONE_RENEWAL: Final = "institutions_renewal_one_open"


class Renewal(models.Model):
    """The next contract as one person proposes it and another has to confirm it: after which
    contract, on which terms, and once it is confirmed, the contract that was sent."""

    before = models.ForeignKey(Contract, models.PROTECT, related_name="renewals")
    contract = models.OneToOneField(Contract, models.PROTECT, null=True, related_name="renewal")
    state = models.CharField(
        max_length=12, choices=ProposalState.choices, default=ProposalState.OPEN
    )
    proposed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    terms = models.JSONField(help_text="What exactly is confirmed.")
    decided_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=NOTE_LENGTH, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["before"], condition=models.Q(state=ProposalState.OPEN), name=ONE_RENEWAL
            ),
            models.CheckConstraint(
                condition=models.Q(state=ProposalState.OPEN)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="institutions_renewal_says_who_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ProposalState.CONFIRMED)
                | (
                    models.Q(contract__isnull=False) & ~models.Q(decided_by=models.F("proposed_by"))
                ),
                name="institutions_renewal_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"renewal of {self.before}: {self.state}"
