"""Connect codes, and the spans in which one does not count."""

from typing import Final

from django.db import models
from django.db.models.functions import Now

from connect_portal.institutions.enums import OVER_CODES, CodeState
from connect_portal.institutions.models.applications import Application
from connect_portal.institutions.models.institutions import Institution

ONE_IN_USE: Final = "institutions_code_one_in_use"


class ConnectCode(models.Model):
    """The identifier that an institution's orders carry in their tag.

    It is reserved for an application first; the institution comes when that is qualified.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="codes"
    )
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="codes"
    )
    venue = models.CharField(max_length=24)
    code = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=CodeState.choices)
    issued_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "code"], name="institutions_code_unique_at_venue"
            ),
            models.UniqueConstraint(
                fields=["institution", "venue"],
                condition=~models.Q(state__in=OVER_CODES),
                name=ONE_IN_USE,
            ),
            models.CheckConstraint(
                condition=models.Q(institution__isnull=False) | models.Q(application__isnull=False),
                name="institutions_code_is_somebodys",
            ),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Za-z0-9]{1,16}$"),
                name="institutions_code_grammar",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CodePause(models.Model):
    """A span of business time, open while ``until`` is empty, in which a code does not count."""

    code = models.ForeignKey(ConnectCode, models.PROTECT, related_name="pauses")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=models.Q(until=None),
                name="institutions_code_paused_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code_id} from {self.since}"
