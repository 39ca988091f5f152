"""Tables of this room: institutions, their applications, contracts and Connect codes."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from connect_portal.facts import countries
from connect_portal.institutions.enums import (
    BEFORE_QUALIFIED,
    CLOSED_STEPS,
    OVER_CODES,
    BusinessKind,
    Channel,
    CodeState,
    ProposalState,
    Step,
)
from connect_portal.institutions.moves import Event

NAME_LENGTH: Final = 120
SLUG_LENGTH: Final = 60
NOTE_LENGTH: Final = 2000
ONE_IN_USE: Final = "institutions_code_one_in_use"
ONE_OPEN: Final = "institutions_application_one_open"
ONE_PROPOSAL: Final = "institutions_proposal_one_open"


class Institution(models.Model):
    """A company that joined Connect."""

    name = models.CharField(max_length=NAME_LENGTH)
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    kind = models.CharField(max_length=24, choices=BusinessKind.choices)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel.choices))
    venue_account_uid = models.CharField(
        max_length=32, blank=True, help_text="Its own account at the venue, where it is paid."
    )
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def channel_names(self) -> str:
        """The channels as people read them: ``API, OAuth``."""
        return ", ".join(Channel(channel).label for channel in self.channels)


class Application(models.Model):
    """A company's way into the programme, from the first draft to the end of onboarding."""

    applicant = models.ForeignKey("people.Person", models.PROTECT, related_name="applications")
    institution = models.OneToOneField(
        Institution, models.PROTECT, null=True, related_name="application"
    )
    company = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=24, choices=BusinessKind.choices, blank=True)
    channels = ArrayField(
        models.CharField(max_length=8, choices=Channel.choices), default=list, blank=True
    )
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    website = models.URLField(max_length=300, blank=True)
    description = models.TextField(max_length=2000, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    venue_account_uid = models.CharField(max_length=32, blank=True)
    redirect_uris = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    ips = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    step = models.CharField(max_length=20, choices=Step.choices, default=Step.DRAFT)
    begun_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When the exchange's next step is due.")
    paused_at = models.DateTimeField(null=True, help_text="Since when its clock stands still.")

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
            )
        ]

    def __str__(self) -> str:
        return self.company

    @property
    def subject(self) -> str:
        """How the audit trail names it."""
        return f"application:{self.pk}"

    @property
    def channel_names(self) -> str:
        """The channels as people read them: ``API, OAuth``."""
        return ", ".join(Channel(channel).label for channel in self.channels)

    @property
    def country_name(self) -> str:
        """The country of registration as people read it."""
        return countries().get(self.country, "")


class Proposal(models.Model):
    """A move that one person asks for and another has to confirm."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="proposals")
    event = models.CharField(max_length=20, choices=Event.choices)
    state = models.CharField(
        max_length=12, choices=ProposalState.choices, default=ProposalState.OPEN
    )
    proposed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    decided_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=NOTE_LENGTH, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(state=ProposalState.OPEN),
                name=ONE_PROPOSAL,
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[ProposalState.CONFIRMED, ProposalState.DECLINED])
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="institutions_proposal_says_who_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ProposalState.CONFIRMED)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="institutions_proposal_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event}: {self.state}"


class Move(models.Model):
    """One move that was made: the history that staff and applicant read."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="moves")
    event = models.CharField(max_length=20, choices=Event.choices)
    source = models.CharField(max_length=20, choices=Step.choices)
    to = models.CharField(max_length=20, choices=Step.choices)
    at = models.DateTimeField()
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=120)
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    evidence = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True, help_text="When the clock that it stopped was due.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.source} to {self.to}"

    @property
    def was_late(self) -> bool:
        """Whether it came after its clock had run out."""
        return self.due_at is not None and self.at > self.due_at


class Letter(models.Model):
    """The letter that tells the applicant of a move; written with it, sent after it."""

    move = models.OneToOneField(Move, models.PROTECT, related_name="letter")
    claimed_at = models.DateTimeField(null=True, help_text="When somebody last began to send it.")
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(sent_at__isnull=True),
                name="institutions_letter_unsent",
            )
        ]

    def __str__(self) -> str:
        return f"letter of move {self.move_id}"


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
