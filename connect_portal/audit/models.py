"""The table of events. Rows are only ever added: triggers refuse everything else."""

from django.db import models

from connect_portal.audit import codes


class Event(models.Model):
    """One line of the trail: who did what to which thing, chained to the line before."""

    id = models.BigIntegerField(
        primary_key=True, help_text="Counts from 1 without gaps: the order of the chain."
    )
    at = models.DateTimeField(help_text="The exact time that was hashed.")
    tag = models.CharField(max_length=120)
    actor = models.CharField(max_length=120)
    subject = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject", "id"], name="audit_event_subject")]

    def __str__(self) -> str:
        return f"{self.id} {self.tag} {self.subject} by {self.actor}"

    def computed_hash(self) -> str:
        """The hash this row ought to carry, from what it holds now."""
        return codes.event_hash(
            previous_hash=self.previous_hash,
            at=self.at,
            tag=self.tag,
            actor=self.actor,
            subject=self.subject,
            data=self.data,
        )
