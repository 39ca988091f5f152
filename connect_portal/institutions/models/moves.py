"""What happened to an application, what is proposed to happen, and the letters that tell of it."""

from typing import Final

from django.db import models

from connect_portal.institutions.enums import ProposalState, RejectReason, Step
from connect_portal.institutions.models.applications import Application
from connect_portal.institutions.models.posts import Post
from connect_portal.institutions.moves import Event

NOTE_LENGTH: Final = 2000
ONE_PROPOSAL: Final = "institutions_proposal_one_open"


def _reason_given(name: str) -> models.CheckConstraint:
    """Nobody is rejected without a reason."""
    return models.CheckConstraint(
        condition=~models.Q(event=Event.REJECT) | ~models.Q(reason=""), name=name
    )


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
    reason = models.CharField(max_length=16, choices=RejectReason.choices, blank=True)
    terms = models.JSONField(default=dict, help_text="What exactly is confirmed, of a contract.")
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
            _reason_given("institutions_proposal_rejects_with_reason"),
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
    reason = models.CharField(max_length=16, choices=RejectReason.choices, blank=True)
    evidence = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True, help_text="When the clock that it stopped was due.")

    class Meta:
        ordering = ["pk"]
        constraints = [_reason_given("institutions_move_rejects_with_reason")]

    def __str__(self) -> str:
        return f"{self.source} to {self.to}"

    @property
    def was_late(self) -> bool:
        """Whether it came after its clock had run out."""
        return self.due_at is not None and self.at > self.due_at


class Letter(Post):
    """The letter that tells the applicant's side of a move: owed from the move on, and from the
    first attempt to send it on kept as it goes out."""

    move = models.OneToOneField(Move, models.PROTECT, related_name="letter")
    due_at = models.DateTimeField(
        null=True, help_text="When the exchange's next step was due after the move."
    )

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
