"""Letters beside those of the moves: what waits for the applicant's side, and how the renewal of a
contract goes on; each made once."""

from django.db import models

from connect_portal.institutions.enums import ReminderKind
from connect_portal.institutions.models.applications import Application
from connect_portal.institutions.models.moves import NOTE_LENGTH
from connect_portal.institutions.models.posts import Post


class Reminder(Post):
    """A letter that says what is awaited and until when; times are business time."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=10, choices=ReminderKind.choices)
    occasion = models.CharField(
        max_length=40, help_text="What it counts from, and how many days from there."
    )
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    at = models.DateTimeField()
    deadline = models.DateTimeField()
    overtaken_at = models.DateTimeField(null=True, help_text="Not sent: it was done in time.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "occasion"], name="institutions_reminder_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(sent_at__isnull=True, overtaken_at__isnull=True),
                name="institutions_reminder_unsent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%Y-%m-%d}"
