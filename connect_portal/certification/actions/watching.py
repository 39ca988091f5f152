"""A run looks: it reads what is new, judges it, makes trouble where that is due, and ends.

The network is asked outside of every transaction. Looking twice at once or again changes nothing:
what was seen is known by its number at the source, and one look at a time is claimed.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.certification.actions.ending import (
    ACTOR,
    end_connection,
    finish,
    leave_in_peace,
)
from connect_portal.certification.actions.reading import facts, grants_of, read, read_to
from connect_portal.certification.enums import CheckState, RunState, Tag, Trial
from connect_portal.certification.models import CheckResult, Disturbance, Run
from connect_portal.certification.queries import watched
from connect_portal.certification.rules import checks_for, is_green, judge_all
from connect_portal.certification.rules.seen import TOO_MANY, UNKNOWN, Verdict
from connect_portal.institutions.enums import Channel
from connect_portal.kit.clock import now
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError
from connect_portal.venue.types import Environment

log = logging.getLogger(__name__)

LOOKED_EVERY: Final = timedelta(seconds=1)
ORDERS: Final = (
    "POST /api/v5/trade/order",
    "POST /api/v5/trade/batch-orders",
    "WS /ws/v5/private/order",
    "WS /ws/v5/private/batch-orders",
)
"""Requests whose answer a trial spoils."""
SPOILS: Final = {
    (Channel.API, Trial.TOO_MANY): ("refuse", TOO_MANY),
    (Channel.API, Trial.UNKNOWN): ("lose", ""),
    (Channel.OAUTH, Trial.TOO_MANY): ("refuse", TOO_MANY),
    (Channel.OAUTH, Trial.UNKNOWN): ("refuse", UNKNOWN),
}
"""How: the exchange's word for the disturbance, and its code. On the API channel an order of
unknown outcome was carried out. The gateway would find it by itself, so over OAuth it was not."""
Verdicts = Mapping[str, Verdict]


def sweep() -> int:
    """Look at every run that is under way; how many."""
    return sum(look(run_id) for run_id in watched())


def look(run_id: int) -> bool:
    """Look at a run, unless somebody did within a second; whether that was done."""
    claimed = Run.objects.filter(
        pk=run_id, finished_at=None, looked_at__lte=now() - LOOKED_EVERY
    ).update(looked_at=now())
    if not claimed:
        return False
    run = Run.objects.get(pk=run_id)
    if run.ends_at <= now():
        finish(run.pk, RunState.EXPIRED, actor=ACTOR)
        return True
    try:
        judged = {channel: _judge(run, channel) for channel in map(Channel, run.channels)}
        for channel, verdicts in judged.items():
            _make_trouble(run, channel, verdicts)
    except VenueError as error:
        log.warning("%s waits for the exchange: %s", run, error)
        return True
    if all(is_green(channel, verdicts) for channel, verdicts in judged.items()):
        finish(run.pk, RunState.GREEN, actor=ACTOR)
    return True


def _judge(run: Run, channel: Channel) -> Verdicts:
    """Read what is new on a channel and keep how its checks stand now."""
    read(run, channel)
    verdicts = judge_all(facts(run, channel))
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        _keep(run, channel, verdicts)
    return verdicts


def _keep(run: Run, channel: Channel, verdicts: Verdicts) -> None:
    known = {row.check_key: row for row in run.results.filter(channel=channel)}
    at = now()
    rows = []
    for check in checks_for(channel):
        verdict, before = verdicts[check.key], known.get(check.key)
        rows.append(
            CheckResult(
                run=run,
                channel=channel,
                check_key=check.key,
                state=verdict.state,
                seen=verdict.seen[:400],
                change=verdict.change[:600],
                sources=list(verdict.sources),
                at=before.at if before and before.state == verdict.state else at,
            )
        )
    CheckResult.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["run", "channel", "check_key"],
        update_fields=["state", "seen", "change", "sources", "at"],
    )


def _make_trouble(run: Run, channel: Channel, verdicts: Verdicts) -> None:
    """Begin the next trial once what comes before it has passed; take away what has struck."""
    under_way = run.disturbances.filter(channel=channel, over_at=None)
    begun = {Trial(one.trial): one for one in under_way}
    for trial in (Trial.TOO_MANY, Trial.UNKNOWN):
        one = begun.get(trial)
        if one is not None and one.number is not None and verdicts[trial].sources:
            sandbox_operator.leave_in_peace(one.number, environment=Environment.DEMO)
            Disturbance.objects.filter(pk=one.pk).update(number=None)
    due = _due(channel, verdicts, set(begun))
    if due is Trial.FAREWELL:
        _begin(run, channel, due)
        end_connection(run, channel)
    elif due is not None:
        _spoil(run, channel, due)


def _due(channel: Channel, verdicts: Verdicts, begun: set[Trial]) -> Trial | None:
    """The trial that begins now: one after the other, the end of the connection last."""
    passed = {key for key, verdict in verdicts.items() if verdict.state == CheckState.PASSED}
    if Trial.FAREWELL in begun or "order" not in passed:
        return None
    if Trial.TOO_MANY not in begun:
        return Trial.TOO_MANY
    if Trial.UNKNOWN not in begun:
        return Trial.UNKNOWN if Trial.TOO_MANY in passed else None
    return Trial.FAREWELL if is_green(channel, verdicts, but=Trial.FAREWELL) else None


def _begin(run: Run, channel: Channel, trial: Trial) -> Disturbance:
    with transaction.atomic():
        begun = Disturbance.objects.create(
            run=run, channel=channel, trial=trial, after=read_to(run, channel), begun_at=now()
        )
        data = {"trial": trial, "channel": channel}
        record(Tag.TRIAL_BEGUN, actor=ACTOR, subject=run.subject, data=data)
    return begun


def _spoil(run: Run, channel: Channel, trial: Trial) -> None:
    begun = _begin(run, channel, trial)
    kind, code = SPOILS[channel, trial]
    uid = run.uid if channel == Channel.API else grants_of(run)[-1].venue_account.uid
    try:
        number = sandbox_operator.disturb(
            uid, kind, ORDERS, code=code, environment=Environment.DEMO
        )
    except VenueError:
        leave_in_peace(run, channel=channel, trial=trial)
        raise
    Disturbance.objects.filter(pk=begun.pk).update(number=number)
