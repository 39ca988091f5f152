"""Proposals to end every connection of an institution: made by one, decided by another."""

from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.enums import EndingState


class Ending(models.Model):
    """A proposal of compliance or technical that an account manager confirms or declines."""

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="endings"
    )
    reason = models.CharField(max_length=300)
    cancel_orders = models.BooleanField(
        default=False, help_text="Whether open orders with its code are canceled, too."
    )
    state = models.CharField(
        max_length=12, choices=EndingState.choices, default=EndingState.PROPOSED
    )
    proposed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    grants = models.PositiveIntegerField(default=0, help_text="How many were ended.")
    bindings = models.PositiveIntegerField(default=0, help_text="How many were ended.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution"],
                condition=models.Q(state=EndingState.PROPOSED),
                name="authorizations_ending_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(state=EndingState.PROPOSED, decided_by=None, decided_at=None)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="authorizations_ending_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("decided_by")),
                name="authorizations_ending_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"end all of {self.institution_id}: {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody to decide."""
        return self.state == EndingState.PROPOSED
