"""What the exchange says when it is asked whether an institution is paid for its users' orders."""

from django.db import models

from connect_portal.authorizations.enums import RebateType


class RebateAnswer(models.Model):
    """The exchange's last answer about a connected user's key, asked with the institution's own."""

    institution = models.OneToOneField(
        "institutions.Institution", models.PROTECT, primary_key=True, related_name="+"
    )
    asked_at = models.DateTimeField(help_text="Business time, as is the other.")
    kind = models.CharField(max_length=4, choices=RebateType.choices, blank=True)
    trouble = models.CharField(max_length=300, blank=True, help_text="Why there is no answer.")
    earned_at = models.DateTimeField(null=True, help_text="When it last said that it pays.")

    def __str__(self) -> str:
        return self.trouble or self.get_kind_display()
