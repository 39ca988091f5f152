"""What reviewers do with an application: what they ask and see, tick and note.

Nothing here is ever deleted; what is over says who ended it, when and why.
"""

from typing import Final

from django.db import models

from connect_portal.institutions.enums import Check, Severity
from connect_portal.institutions.labels import label_of
from connect_portal.institutions.models.applications import Application
from connect_portal.institutions.models.moves import NOTE_LENGTH

FIELD_LENGTH: Final = 40
SEEN_LENGTH: Final = 500
ONE_REQUEST: Final = "institutions_request_one_open"

_UNANSWERED = models.Q(answered_at=None, withdrawn_at=None)


class ChangeRequest(models.Model):
    """Something that the applicant is asked to change or to explain.

    ``field`` is the name of a form's field, ``document:<kind>``, ``people``, or empty for the
    application as a whole. It is answered by another value than ``was``, or by a reply.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="requests")
    field = models.CharField(max_length=FIELD_LENGTH, blank=True)
    note = models.TextField(max_length=NOTE_LENGTH)
    was = models.JSONField(null=True, help_text="What stood in the field when it was asked about.")
    asked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reply = models.TextField(max_length=NOTE_LENGTH, blank=True)
    answered_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "field"], condition=_UNANSWERED, name=ONE_REQUEST
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answered_by=None, reply="")
                | models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="institutions_request_says_who_answered",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None)
                | models.Q(
                    withdrawn_at__isnull=False, withdrawn_by__isnull=False, answered_at=None
                ),
                name="institutions_request_says_who_withdrew",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field or 'application'}: {self.note}"

    @property
    def label(self) -> str:
        """What it is about, as people read it."""
        return label_of(self.field)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.answered_at is None and self.withdrawn_at is None


class Finding(models.Model):
    """What the screening saw. It stands until somebody clears it with a reason, or until a later
    screening no longer sees it (then without a person)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=20, choices=Check.choices)
    field = models.CharField(max_length=FIELD_LENGTH, blank=True)
    seen = models.CharField(max_length=SEEN_LENGTH)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    found_at = models.DateTimeField()
    cleared_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    cleared_at = models.DateTimeField(null=True)
    reason = models.TextField(max_length=NOTE_LENGTH, blank=True)

    class Meta:
        ordering = ["severity", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "rule", "field", "seen"],
                condition=models.Q(cleared_at=None),
                name="institutions_finding_once",
            ),
            models.CheckConstraint(
                condition=models.Q(cleared_at=None, cleared_by=None, reason="")
                | (models.Q(cleared_at__isnull=False) & ~models.Q(reason="")),
                name="institutions_finding_cleared_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.seen}"


class Tick(models.Model):
    """An item of a checklist was ticked, or taken back, by a row of its own.

    ``over`` is the fingerprint of the answers that the item is about: a tick holds while they stay.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="ticks")
    item = models.CharField(max_length=24)
    number = models.PositiveSmallIntegerField(help_text="The place among the rows of its item.")
    is_done = models.BooleanField(help_text="False takes back.")
    over = models.CharField(max_length=64)
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["item", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "item", "number"], name="institutions_tick_numbered"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item}: {'done' if self.is_done else 'taken back'}"


class Note(models.Model):
    """Words among the staff; the applicant never reads them."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="notes")
    text = models.TextField(max_length=NOTE_LENGTH)
    by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text
