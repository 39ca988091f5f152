"""Who looks after an application, and what each person likes to look at."""

from typing import Final

from django.db import models

from connect_portal.institutions.enums import Assigned
from connect_portal.institutions.models.applications import Application
from connect_portal.institutions.models.moves import NOTE_LENGTH

FILTER_NAME_LENGTH: Final = 60
FILTER_LENGTH: Final = 500


class Assignment(models.Model):
    """An application came to somebody's desk, or left it (``person`` empty)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="assignments")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, related_name="+", help_text="None: the site."
    )
    how = models.CharField(max_length=12, choices=Assigned.choices)
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(how=Assigned.RELEASED, person=None)
                | (~models.Q(how=Assigned.RELEASED) & models.Q(person__isnull=False)),
                name="institutions_assignment_to_somebody_unless_released",
            )
        ]
        indexes = [models.Index(fields=["person", "-at"], name="institutions_assignment_latest")]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.how}"


class SavedFilter(models.Model):
    """A view of the desk that a person keeps under a name: the query of its address."""

    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    name = models.CharField(max_length=FILTER_NAME_LENGTH)
    query = models.CharField(max_length=FILTER_LENGTH)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"], name="institutions_filter_name_once_each"
            )
        ]

    def __str__(self) -> str:
        return self.name
