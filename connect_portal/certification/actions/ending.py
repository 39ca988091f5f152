"""A run ends: what it made at the exchange is taken away, its report is written and hashed, and a
green one makes the move that it is for."""

import hashlib
import logging
from datetime import datetime
from typing import Final

import msgspec
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions import end_for
from connect_portal.authorizations.enums import EndedBy
from connect_portal.certification.actions.reading import grants_of
from connect_portal.certification.enums import CheckState, RunState, Tag, Trial
from connect_portal.certification.models import Run
from connect_portal.certification.rules import checks_for
from connect_portal.institutions.actions import move
from connect_portal.institutions.enums import Channel, Step
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.moves import Event
from connect_portal.institutions.tracking import application_of
from connect_portal.kit.clock import iso, now
from connect_portal.venue import sandbox_operator
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.errors import VenueError
from connect_portal.venue.types import Environment

log = logging.getLogger(__name__)

ACTOR: Final = "system:certification"
LABEL: Final = "certification"
DEMO: Final = Environment.DEMO


def finish(run_id: int, state: RunState, *, actor: str) -> bool:
    """End a run that is still under way, with its report; whether it was. A green one moves an
    application that waits for it on to the go-live review, in the same transaction."""
    at = business_now()
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id, finished_at=None).first()
        if run is None:
            return False
        run.state, run.finished_at = state, now()
        run.report = report_of(run)
        run.sha256 = hashlib.sha256(run.report.encode()).hexdigest()
        run.save()
        tag = Tag.RUN_GREEN if state == RunState.GREEN else Tag.RUN_ENDED
        data = {"state": state, "sha256": run.sha256}
        record(tag, actor=actor, subject=run.subject, data=data)
        if state == RunState.GREEN:
            _certify(run, at)
    _clear_away(run)
    return True


def _certify(run: Run, at: datetime) -> None:
    """Make the move; an institution that is further along has only shown that its client is fit."""
    application = application_of(run.institution_id)
    if application is None or application.step != Step.SANDBOX_TEST:
        return
    evidence = {
        "run": run.pk,
        "report": run.sha256,
        "channels": run.channels,
        "checks": run.results.filter(state=CheckState.PASSED).count(),
        "requests": run.evidence.count(),
    }
    try:
        move(application.pk, Event.CERTIFY, person=None, actor=ACTOR, evidence=evidence, at=at)
    except NoSuchMove:
        log.info("%s moved on before %s was green", application, run)


def report_of(run: Run) -> str:
    """What a run has found, as JSON that is never written again."""
    results = {(row.channel, row.check_key): row for row in run.results.all()}
    cited = {source for row in results.values() for source in row.sources}
    told = {
        "run": run.pk,
        "institution": run.institution.name,
        "connect_code": run.code,
        "started_by": str(run.started_by),
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at or now()),
        "result": run.state,
        "channels": {
            channel: [
                {
                    "check": check.title,
                    "needed": check.needed,
                    "result": result.state if result else CheckState.WAITING.value,
                    "seen": result.seen if result else "",
                    "requests": result.sources if result else [],
                }
                for check in checks_for(Channel(channel))
                for result in [results.get((channel, check.key))]
            ]
            for channel in run.channels
        },
        "requests_seen": run.evidence.count(),
        "requests": [
            {
                "channel": row.channel,
                "number": row.source,
                "at": iso(row.at),
                "request": f"{row.method} {row.path}",
                "code": row.code,
                "orders": row.items,
            }
            for row in run.evidence.filter(source__in=cited).order_by("channel", "source")
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=1).decode()


def leave_in_peace(run: Run, *, channel: Channel, trial: Trial) -> None:
    """End a trial that is under way, at the exchange as far as it can be reached."""
    for one in run.disturbances.filter(channel=channel, trial=trial, over_at=None):
        if one.number is not None:
            try:
                sandbox_operator.leave_in_peace(one.number, environment=DEMO)
            except VenueError as error:
                log.warning("disturbance %s stays: %s", one.number, error)
        one.over_at = now()
        one.save(update_fields=["over_at"])


def end_connection(run: Run, channel: Channel) -> None:
    """End what connects the client on a channel: its key is deleted, the consents that it got
    since the run began are over. Raises VenueError."""
    if channel == Channel.API:
        sandbox_operator.delete_keys(run.uid, LABEL, environment=DEMO)
        return
    for grant in grants_of(run):
        end_for(EndedBy.INSTITUTION, grant.pk, actor=ACTOR)


def _clear_away(run: Run) -> None:
    """Take away the key and the disturbances; what cannot be reached now is of a test account, and
    the next run of the institution begins by deleting it."""
    for one in run.disturbances.filter(over_at=None):
        leave_in_peace(run, channel=Channel(one.channel), trial=Trial(one.trial))
    if not run.uid:
        return
    try:
        sandbox_operator.delete_keys(run.uid, LABEL, environment=DEMO)
    except VenueError as error:
        log.warning("the key of %s is not deleted: %s", run, error)
