"""The exchange's own words and dates as editions: what is in force, what waits, what was."""

from typing import Final

from django.db import models

from connect_portal.institutions.enums import EditionKind, EditionState

BODY_LENGTH: Final = 60_000
EDITION_NOTE_LENGTH: Final = 2000


class Edition(models.Model):
    """One edition of a contract template, a commission plan, a letter or a calendar: proposed by
    one person, approved by another, in force from a moment of business time on.

    Edition 0 of everything is what this release ships; it has no row. Numbers have no gaps, a
    decided edition never changes, and none is ever deleted: triggers hold all three.
    """

    kind = models.CharField(max_length=12, choices=EditionKind.choices)
    name = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    body = models.TextField(max_length=BODY_LENGTH)
    state = models.CharField(
        max_length=12, choices=EditionState.choices, default=EditionState.PROPOSED
    )
    effective_from = models.DateTimeField(null=True, help_text="Unset: from its approval on.")
    proposed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    note = models.TextField(max_length=EDITION_NOTE_LENGTH)
    decided_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=EDITION_NOTE_LENGTH, blank=True)
    plan_version = models.OneToOneField(
        "terms.PlanVersion",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="What contracts name, of an approved plan.",
    )

    class Meta:
        ordering = ["kind", "name", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "number"], name="institutions_edition_in_order"
            ),
            models.UniqueConstraint(
                fields=["kind", "name"],
                condition=models.Q(state=EditionState.PROPOSED),
                name="institutions_edition_one_proposed",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=EditionKind.values)
                & models.Q(state__in=EditionState.values),
                name="institutions_edition_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state=EditionState.PROPOSED, decided_by=None, decided_at=None)
                | (
                    ~models.Q(state=EditionState.PROPOSED)
                    & models.Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="institutions_edition_says_who_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[EditionState.APPROVED, EditionState.DECLINED])
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="institutions_edition_takes_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=EditionState.APPROVED)
                | models.Q(
                    effective_from__isnull=False, effective_from__gte=models.F("decided_at")
                ),
                name="institutions_edition_not_in_the_past",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind=EditionKind.PLAN,
                    state=EditionState.APPROVED,
                    plan_version__isnull=False,
                )
                | (
                    ~models.Q(kind=EditionKind.PLAN, state=EditionState.APPROVED)
                    & models.Q(plan_version=None)
                ),
                name="institutions_edition_of_a_plan_makes_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, edition {self.number}"

    @property
    def subject(self) -> str:
        """How the audit trail names it."""
        return f"edition:{self.pk}"
