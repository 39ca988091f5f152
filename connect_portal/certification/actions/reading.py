"""Reads what a client asked: of the exchange by its request log, of the gateway by its own rows.

A number at the source tells a request from every other, so reading twice adds nothing.
"""

from typing import TYPE_CHECKING, Final

import msgspec
from django.db import transaction

from connect_portal.authorizations.queries import refreshes_of, test_grants
from connect_portal.certification.models import Evidence, Run
from connect_portal.certification.queries import facts_of
from connect_portal.certification.rules.seen import Facts
from connect_portal.gateway.queries import test_calls
from connect_portal.institutions.enums import Channel
from connect_portal.kit.clock import from_ms
from connect_portal.venue import sandbox_operator
from connect_portal.venue.types import Environment

if TYPE_CHECKING:
    from connect_portal.authorizations.models import Grant

OVERLAP: Final = 100
"""Rows of the gateway that are read again: a smaller number may be committed after a greater."""


def read(run: Run, channel: Channel) -> None:
    """Keep what is new on a channel. Raises VenueError."""
    if channel == Channel.API:
        _read_exchange(run)
    else:
        _read_gateway(run)


def facts(run: Run, channel: Channel) -> Facts:
    """All that was kept of a channel, and how often its tokens were refreshed."""
    grants = [grant.pk for grant in grants_of(run)] if channel == Channel.OAUTH else []
    return facts_of(run, channel, refreshed=refreshes_of(grants))


def grants_of(run: Run) -> "list[Grant]":
    """The grants that the test client got since the run began, the oldest first."""
    return test_grants(run.institution_id, since_grant=run.last_grant)


def read_to(run: Run, channel: Channel) -> int:
    """How far a channel was read."""
    return run.last_request if channel == Channel.API else run.last_call


def _read_exchange(run: Run) -> None:
    seen = sandbox_operator.requests_of(run.uid, run.last_request, environment=Environment.DEMO)
    rows = [
        Evidence(
            run=run,
            channel=Channel.API,
            source=one.id,
            at=from_ms(one.at_ms),
            method=one.method,
            path=one.path[:128],
            code=one.code[:16],
            held=one.held,
            client_id=one.client_id,
            items=[msgspec.to_builtins(item) for item in one.items],
        )
        for one in seen
    ]
    _keep(run, rows, "last_request")


def _read_gateway(run: Run) -> None:
    after = max(0, run.last_call - OVERLAP)
    rows = [
        Evidence(
            run=run,
            channel=Channel.OAUTH,
            source=one.pk,
            at=one.at,
            method=one.method,
            path=one.path,
            code=one.code,
            held=one.held,
            client_id=one.client_order_id,
            items=one.items,
        )
        for one in test_calls(run.institution_id, since_grant=run.last_grant, after=after)
    ]
    _keep(run, rows, "last_call")


def _keep(run: Run, rows: list[Evidence], cursor: str) -> None:
    if not rows:
        return
    with transaction.atomic():
        Evidence.objects.bulk_create(rows, ignore_conflicts=True)
        setattr(run, cursor, max(getattr(run, cursor), rows[-1].source))
        run.save(update_fields=[cursor])
