"""What an institution and the exchange agree on."""

from django.db import models

from connect_portal.institutions.models.institutions import Institution


class Contract(models.Model):
    """What an institution is offered and agrees to: the text it reads, and the plan by which it is
    paid. It is in force once both sides have signed."""

    institution = models.OneToOneField(Institution, models.PROTECT, related_name="contract")
    plan_version = models.ForeignKey("terms.PlanVersion", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    accepted_by = models.CharField(
        max_length=150, blank=True, help_text="The name that was typed by the institution's owner."
    )
    accepted_at = models.DateTimeField(null=True)
    countersigned_by = models.CharField(
        max_length=120, blank=True, help_text="Who signed for the exchange, as the trail has it."
    )
    countersigned_at = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True, help_text="In force until then, unless renewed.")
    live_since = models.DateTimeField(null=True, help_text="Fills from here on earn.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(countersigned_at=None) | models.Q(accepted_at__isnull=False),
                name="institutions_contract_countersigned_after",
            ),
            models.CheckConstraint(
                condition=models.Q(live_since=None) | models.Q(countersigned_at__isnull=False),
                name="institutions_contract_live_when_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"contract of {self.institution_id}"
