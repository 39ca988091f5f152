"""Runs made without an exchange, for pages and rules."""

from datetime import timedelta
from typing import Any

from django.test import Client

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


def ada_in_a_run(client: Client) -> dict[str, Any]:
    """An owner whose client is being watched."""
    acme = cast.institution("Acme", code=CODE)
    ada = cast.member("Ada", acme)
    cast.sign_in(client, ada)
    watched(acme, ada)
    return {"slug": acme.slug}


def ada_after_a_run(client: Client) -> dict[str, Any]:
    """An owner who looks back at a run."""
    place = ada_in_a_run(client)
    return place | {"run_id": finished(Institution.objects.get()).pk}


def morgan_at_a_run(client: Client) -> dict[str, Any]:
    """An account manager who looks at a run that is over."""
    run_id = ada_after_a_run(client)["run_id"]
    client.logout()
    cast.sign_in(client, cast.staff("Morgan"))
    return {"run_id": run_id}
