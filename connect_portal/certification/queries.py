"""Reads of this room: runs as pages show them, and the facts that the rules judge."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from connect_portal.certification.enums import TONES, CheckState, Trial
from connect_portal.certification.models import CheckResult, Disturbance, Evidence, Run
from connect_portal.certification.rules import Check, checks_for
from connect_portal.certification.rules.seen import Facts, Item, Seen
from connect_portal.institutions.enums import Channel
from connect_portal.kit.clock import now
from connect_portal.venue import sandbox_operator

ROWS_SHOWN: Final = 20
MOST_ROWS: Final = 5_000
"""How far back the rules look: a client sends some hundred requests in a run."""


def is_offered() -> bool:
    """Whether runs are possible here: only the sandbox shows what a client asked of it."""
    return sandbox_operator.available()


def running(institution_id: int) -> Run | None:
    """The run that an institution has under way."""
    rows = Run.objects.filter(institution_id=institution_id, finished_at=None)
    return rows.select_related("started_by", "institution").first()


def runs(institution_id: int) -> QuerySet[Run]:
    """Every run of an institution, the newest first."""
    return Run.objects.filter(institution_id=institution_id).select_related("started_by")


def run_of(institution_id: int, run_id: int) -> Run | None:
    """One run of an institution."""
    return runs(institution_id).filter(pk=run_id).first()


def run(run_id: int) -> Run | None:
    """Any run."""
    return Run.objects.filter(pk=run_id).select_related("started_by", "institution").first()


def watched() -> list[int]:
    """The runs that are under way, the one looked at longest ago first."""
    open_now = Run.objects.filter(finished_at=None).order_by("looked_at")
    return list(open_now.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Line:
    """One check of a run as a page shows it."""

    check: Check
    result: CheckResult | None

    @property
    def state(self) -> CheckState:
        """How it stands."""
        return CheckState(self.result.state) if self.result else CheckState.WAITING

    @property
    def tone(self) -> str:
        """How that looks."""
        return TONES[self.state]

    @property
    def may_be_tried_again(self) -> bool:
        """Whether the run can make the same trouble once more."""
        return self.check.trial is not None and self.state == CheckState.MISSED


@dataclass(frozen=True, slots=True)
class Part:
    """One channel of a run: its checks in order, and the latest of what was seen."""

    channel: Channel
    lines: list[Line]
    rows: list[Evidence]
    trials: set[Trial]

    @property
    def passed(self) -> int:
        """How many of the checks that count have passed."""
        return sum(line.state == CheckState.PASSED for line in self.lines if line.check.needed)

    @property
    def needed(self) -> int:
        """How many have to."""
        return sum(line.check.needed for line in self.lines)

    @property
    def following(self) -> Line | None:
        """What to do next: the first check that is missed, else the first that waits."""
        open_lines = [line for line in self.lines if line.state != CheckState.PASSED]
        needed = [line for line in open_lines if line.check.needed]
        return next((line for line in needed if line.state == CheckState.MISSED), None) or next(
            iter(needed), None
        )


def fingerprint(run: Run) -> str:
    """What changes with everything that a page of the run shows."""
    results = run.results.order_by("pk").values_list("state", "seen", "change")
    trials = run.disturbances.values_list("pk", "over_at")
    told = [run.state, run.key_hint, run.evidence.count(), [*results], [*trials]]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def parts(run: Run) -> list[Part]:
    """A run channel by channel, in the same few queries for any number of checks."""
    results = {(row.channel, row.check_key): row for row in run.results.all()}
    trials = list(run.disturbances.filter(over_at=None).values_list("channel", "trial"))
    found = []
    for word in run.channels:
        channel = Channel(word)
        lines = [Line(one, results.get((channel, one.key))) for one in checks_for(channel)]
        rows = list(run.evidence.filter(channel=channel).order_by("-source")[:ROWS_SHOWN])
        under_way = {Trial(trial) for where, trial in trials if where == channel}
        found.append(Part(channel, lines, rows, under_way))
    return found


def facts_of(run: Run, channel: Channel, *, refreshed: int) -> Facts:
    """Everything that the rules may know about a channel of a run."""
    rows = run.evidence.filter(channel=channel).order_by("-source")[:MOST_ROWS]
    begun = Disturbance.objects.filter(run=run, channel=channel, over_at=None)
    return Facts(
        code=run.code,
        channel=channel,
        rows=[_seen(row) for row in reversed(rows)],
        now=now(),
        quiet=timedelta(seconds=settings.CERTIFICATION_QUIET_S),
        begun={Trial(trial): after for trial, after in begun.values_list("trial", "after")},
        refreshed=refreshed,
    )


def _seen(row: Evidence) -> Seen:
    return Seen(
        row.source,
        row.at,
        row.method,
        row.path,
        row.code,
        row.held,
        row.client_id,
        tuple(Item(**item) for item in row.items),
    )
