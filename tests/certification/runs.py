"""Runs made without an exchange, for pages and rules."""

from datetime import UTC, datetime, timedelta

from connect_portal.certification.actions.ending import finish
from connect_portal.certification.enums import CheckState, RunState, Trial
from connect_portal.certification.models import CheckResult, Disturbance, Evidence, Run
from connect_portal.certification.rules import checks_for
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests import cast

CODE = "ACMEcode1"
MOMENT = datetime(2026, 11, 26, 10, tzinfo=UTC)


def watched(institution: Institution, person: Person) -> Run:
    """A run under way that has seen one of everything: passed, missed, waiting."""
    run = Run.objects.create(
        institution=institution,
        code=CODE,
        channels=institution.channels,
        started_by=person,
        ends_at=now() + timedelta(hours=2),
        looked_at=now() + timedelta(hours=1),
    )
    order = {"client_id": f"{CODE}a1", "tag": CODE, "echo": CODE, "code": "0"}
    for channel in run.channels:
        Evidence.objects.create(
            run=run,
            channel=channel,
            source=1,
            at=now(),
            method="POST",
            path="/api/v5/trade/batch-orders",
            code="0",
            held=True,
            items=[order | {"order_id": "1", "intent": "buy"}] * 2,
        )
        Disturbance.objects.create(
            run=run, channel=channel, trial=Trial.UNKNOWN, after=1, begun_at=now()
        )
        states = [CheckState.PASSED, CheckState.PASSED, CheckState.MISSED]
        for place, check in enumerate(checks_for(Channel(channel))):
            state = states[place] if place < len(states) else CheckState.WAITING
            state = CheckState.MISSED if check.key == "unknown" else state
            CheckResult.objects.create(
                run=run,
                channel=channel,
                check_key=check.key,
                state=state,
                seen="" if state == CheckState.WAITING else "Something was seen at 10:00:00.",
                change="Send the tag." if state == CheckState.MISSED else "",
                sources=[1],
                at=now(),
            )
    return run


def finished(institution: Institution) -> Run:
    """The run of an institution, given up."""
    run = Run.objects.get(institution=institution)
    finish(run.pk, RunState.ABANDONED, actor=cast.ACTOR)
    run.refresh_from_db()
    return run
