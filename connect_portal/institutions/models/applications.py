"""A company's way into the programme."""

from datetime import UTC, datetime
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce, Lower, Now

from connect_portal.facts import countries
from connect_portal.institutions.enums import (
    BEFORE_QUALIFIED,
    CLOSED_STEPS,
    BusinessKind,
    Channel,
    Step,
)
from connect_portal.institutions.models.institutions import NAME_LENGTH, Institution
from connect_portal.institutions.moves import Hand

ADDRESS_LENGTH: Final = 400
ONE_OPEN: Final = "institutions_application_one_open"
NO_CLOCK: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""What is never due comes after everything that is."""
UNDER_WAY: Final = ~models.Q(waits_for="")


class Application(models.Model):
    """A company's way into the programme, from the first draft to the end of onboarding."""

    applicant = models.ForeignKey("people.Person", models.PROTECT, related_name="applications")
    institution = models.OneToOneField(
        Institution, models.PROTECT, null=True, related_name="application"
    )
    company = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(
        max_length=24,
        choices=BusinessKind.choices,
        blank=True,
        help_text="Its main business, which the institution is listed under.",
    )
    other_kinds = ArrayField(
        models.CharField(max_length=24, choices=BusinessKind.choices), default=list, blank=True
    )
    channels = ArrayField(
        models.CharField(max_length=8, choices=Channel.choices), default=list, blank=True
    )
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    website = models.URLField(max_length=300, blank=True)
    description = models.TextField(max_length=2000, blank=True)
    expected_users = models.PositiveIntegerField(null=True)
    expected_volume = models.DecimalField(
        max_digits=20, decimal_places=2, null=True, help_text="USD a calendar month."
    )
    trading_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    registered_on = models.DateField(null=True)
    region = models.CharField(
        max_length=80, blank=True, help_text="Where a country's parts register companies."
    )
    registered_address = models.TextField(max_length=ADDRESS_LENGTH, blank=True)
    principal_address = models.TextField(
        max_length=ADDRESS_LENGTH, blank=True, help_text="Empty: the registered one."
    )
    has_no_owner = models.BooleanField(
        default=False, help_text="Nobody holds as much as a beneficial owner does."
    )
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    technical_contact_name = models.CharField(max_length=120, blank=True)
    technical_contact_email = models.EmailField(blank=True)
    finance_contact_name = models.CharField(max_length=120, blank=True)
    finance_contact_email = models.EmailField(blank=True)
    venue_account_uid = models.CharField(max_length=32, blank=True)
    redirect_uris = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    ips = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    malformed = models.JSONField(
        default=dict, help_text="What was typed and cannot be taken as it is, by field."
    )
    terms_version = models.CharField(max_length=20, blank=True)
    terms_accepted_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(null=True, help_text="When the applicant last changed it.")
    step = models.CharField(max_length=20, choices=Step.choices, default=Step.DRAFT)
    begun_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When the exchange's next step is due.")
    paused_at = models.DateTimeField(null=True, help_text="Since when its clock stands still.")
    urgent_at = models.GeneratedField(
        expression=models.Case(
            models.When(paused_at=None, then=Coalesce("due_at", models.Value(NO_CLOCK))),
            default=models.Value(NO_CLOCK),
        ),
        output_field=models.DateTimeField(),
        db_persist=True,
        help_text="When its running clock is due: the order of the desk.",
    )
    moved_at = models.DateTimeField(null=True, help_text="Since when it stands at its step.")
    waits_for = models.CharField(
        max_length=20, blank=True, help_text="Whose turn it is, as `rules.turn` says; or nobody's."
    )
    assignee = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    assigned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                models.F("applicant"),
                Lower("company"),
                condition=~models.Q(step__in=CLOSED_STEPS),
                name=ONE_OPEN,
            ),
            models.CheckConstraint(
                condition=models.Q(step__in=Step.values), name="institutions_step_known"
            ),
            models.CheckConstraint(
                condition=models.Q(step__in=BEFORE_QUALIFIED, institution__isnull=True)
                | (~models.Q(step__in=BEFORE_QUALIFIED) & models.Q(institution__isnull=False)),
                name="institutions_application_opens_one_when_qualified",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="institutions_due",
            ),
            models.Index(fields=["urgent_at", "id"], condition=UNDER_WAY, name="institutions_desk"),
            models.Index(
                fields=["assignee", "urgent_at", "id"],
                include=["waits_for"],
                condition=UNDER_WAY,
                name="institutions_desk_of_person",
            ),
            models.Index(
                fields=["waits_for", "urgent_at", "id"],
                condition=UNDER_WAY,
                name="institutions_desk_of_role",
            ),
            models.Index(
                fields=["step", "assignee", "waits_for"],
                include=["urgent_at", "submitted_at", "moved_at"],
                condition=UNDER_WAY,
                name="institutions_desk_counts",
            ),
        ]

    def __str__(self) -> str:
        return self.company

    @property
    def subject(self) -> str:
        """How the audit trail names it."""
        return f"application:{self.pk}"

    @property
    def hand(self) -> Hand | None:
        """Whose turn it is; nobody's when nothing is open."""
        return Hand(self.waits_for) if self.waits_for else None

    @property
    def channel_names(self) -> str:
        """The channels as people read them: ``API, OAuth``."""
        return ", ".join(Channel(channel).label for channel in self.channels)

    @property
    def kind_names(self) -> str:
        """The main business and the others, as people read them."""
        others = [kind for kind in BusinessKind if kind in self.other_kinds and kind != self.kind]
        kinds = [*([BusinessKind(self.kind)] if self.kind else []), *others]
        return ", ".join(str(kind.label) for kind in kinds)

    @property
    def country_name(self) -> str:
        """The country of registration as people read it."""
        return countries().get(self.country, "")
