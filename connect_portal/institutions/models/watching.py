"""Lists of jurisdictions and names with whom the exchange does no business, as versions."""

from django.db import models

from connect_portal.facts import countries
from connect_portal.institutions.enums import Watched, WatchListState

ONE_WAITING = "institutions_watch_list_one_open"


class WatchList(models.Model):
    """One uploaded list; in force once a second person has approved it, until the next one is."""

    state = models.CharField(
        max_length=10, choices=WatchListState.choices, default=WatchListState.OPEN
    )
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(
        null=True, help_text="When everybody had been compared with it."
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=WatchListState.OPEN),
                name=ONE_WAITING,
            ),
            models.CheckConstraint(
                condition=models.Q(state=WatchListState.OPEN, decided_by=None, decided_at=None)
                | (
                    ~models.Q(state=WatchListState.OPEN)
                    & models.Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="institutions_watch_list_says_who_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=WatchListState.APPROVED)
                | ~models.Q(decided_by=models.F("uploaded_by")),
                name="institutions_watch_list_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"watch list {self.pk}"

    @property
    def subject(self) -> str:
        """How the audit trail names it."""
        return f"watch_list:{self.pk}"


class WatchEntry(models.Model):
    """One line of a list: a jurisdiction by its ISO 3166-1 code, or a name as it is published."""

    watch_list = models.ForeignKey(WatchList, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=8, choices=Watched.choices)
    value = models.CharField(max_length=200)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"

    @property
    def name(self) -> str:
        """The value as people read it: a jurisdiction with its name."""
        if self.kind == Watched.COUNTRY:
            return f"{countries().get(self.value, '')} ({self.value})".lstrip()
        return self.value
