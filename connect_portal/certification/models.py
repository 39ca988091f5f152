"""Tables of this room: runs, what they saw, what they did to the client, and what came of it.

What was seen is only ever added; a finished run's report is kept as the text that was hashed.
"""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.certification.enums import TONES, CheckState, RunState, Trial
from connect_portal.institutions.enums import Channel


class Run(models.Model):
    """One attempt of an institution to pass every check with its own client, on all its channels.

    Moments are wall time, as signatures and tokens are; the move that a green run makes carries
    business time. ``uid`` is the test account of the API channel; of the OAuth channel the run
    watches the grants that the test client gets from ``last_grant`` on.
    """

    institution = models.ForeignKey("institutions.Institution", models.PROTECT)
    code = models.CharField(max_length=16)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel.choices))
    started_by = models.ForeignKey("people.Person", models.PROTECT)
    started_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    finished_at = models.DateTimeField(null=True)
    uid = models.CharField(max_length=32, blank=True)
    key_hint = models.CharField(max_length=12, blank=True)
    last_request = models.BigIntegerField(
        default=0, help_text="How far the exchange's log was read."
    )
    last_call = models.BigIntegerField(default=0, help_text="How far the gateway's was.")
    last_grant = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(db_default=Now())
    report = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution"],
                condition=models.Q(state=RunState.RUNNING),
                name="certification_run_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RunState.RUNNING, finished_at=None)
                | (~models.Q(state=RunState.RUNNING) & models.Q(finished_at__isnull=False)),
                name="certification_run_over_has_an_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=RunState.GREEN) | ~models.Q(sha256=""),
                name="certification_run_green_has_a_report",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.institution_id}"

    @property
    def subject(self) -> str:
        """What the trail calls it."""
        return f"certification:{self.pk}"

    @property
    def is_running(self) -> bool:
        """Whether it still watches."""
        return self.state == RunState.RUNNING

    @property
    def tone(self) -> str:
        """How its state looks."""
        return TONES[RunState(self.state)]


class Evidence(models.Model):
    """One request of the client, as the exchange or the gateway saw it.

    ``source`` is its number there; ``items`` holds for each order the ids and the tag it named,
    what it wanted, the code it was answered with and the tag given back.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="evidence")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    source = models.BigIntegerField()
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=128)
    code = models.CharField(max_length=16)
    held = models.BooleanField(help_text="Whether the key and signature, or the token, did.")
    client_id = models.CharField(max_length=64, blank=True)
    items = models.JSONField(default=list)

    class Meta:
        ordering = ["source"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "channel", "source"], name="certification_evidence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.code}"


class CheckResult(models.Model):
    """How a check of a run stands: what was seen, what to change, and the requests it rests on."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="results")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    check_key = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=CheckState.choices, default=CheckState.WAITING)
    seen = models.CharField(max_length=400, blank=True)
    change = models.CharField(max_length=600, blank=True)
    sources = ArrayField(models.BigIntegerField(), default=list)
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(
        help_text="When it last came to another state."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "channel", "check_key"], name="certification_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_key}: {self.state}"


class Disturbance(models.Model):
    """What a run did to the client: a fault that it set at the exchange, or the connection that it
    ended. ``after`` is the last request that was known before; ``number`` the exchange's own."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="disturbances")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    trial = models.CharField(max_length=12, choices=Trial.choices)
    after = models.BigIntegerField()
    number = models.BigIntegerField(null=True)
    begun_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "channel", "trial"],
                condition=models.Q(over_at=None),
                name="certification_one_disturbance_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.trial} in {self.run_id}"
