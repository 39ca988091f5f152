"""A run begins and is given up. The exchange is asked first, so that a run is there whole or not
at all; what was made for one that was not is deleted with the next."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import IntegrityError, transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions import give_play_money, open_test_client
from connect_portal.authorizations.queries import newest_grant_id
from connect_portal.certification.actions.ending import LABEL, finish, leave_in_peace
from connect_portal.certification.enums import RunState, Tag, Trial
from connect_portal.certification.errors import (
    AlreadyRunning,
    ExchangeAway,
    NotDeveloper,
    NothingRuns,
    NotOffered,
    TooEarly,
)
from connect_portal.certification.models import Run
from connect_portal.certification.queries import is_offered, running
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.queries import code_of, institutions, is_open
from connect_portal.kit.clock import now
from connect_portal.kit.ids import random_code
from connect_portal.people.rules import develops
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError
from connect_portal.venue.types import (
    PERMISSION_READ,
    PERMISSION_TRADE,
    Credentials,
    Environment,
)

if TYPE_CHECKING:
    from connect_portal.people.models import Person

DEMO: Final = Environment.DEMO


def start(institution_id: int, *, person: "Person") -> tuple[Run, Credentials | None]:
    """Begin a run on all channels of an institution; the key of its test account (API channel),
    which is shown this once and kept nowhere.

    Raises NotOffered, NotDeveloper, TooEarly, AlreadyRunning, ExchangeAway.
    """
    (ours,) = institutions([institution_id])
    _refuse_others(institution_id, person)
    code = code_of(institution_id, settings.VENUE_NAME)
    if code is None or not is_open(institution_id):
        raise TooEarly()
    if running(institution_id):
        raise AlreadyRunning()
    uid, key, last = "", None, 0
    if Channel.API in ours.channels:
        uid = _account(institution_id, ours.name)
        last = _newest_request(uid)
        key = _make_key(uid)
    run = Run(
        institution_id=institution_id,
        code=code,
        channels=ours.channels,
        started_by=person,
        ends_at=now() + timedelta(seconds=settings.CERTIFICATION_RUN_S),
        uid=uid,
        key_hint=key.api_key[:8] if key else "",
        last_request=last,
    )
    _store(run, person)
    return run, key


def _refuse_others(institution_id: int, person: "Person") -> None:
    if not is_offered():
        raise NotOffered(venue=settings.VENUE_NAME)
    (ours,) = institutions([institution_id])
    if not develops(person, ours):
        raise NotDeveloper(name=ours.name)


def _store(run: Run, person: "Person") -> None:
    try:
        with transaction.atomic():
            if Channel.OAUTH in run.channels:
                open_test_client(run.institution_id, actor=person.actor)
                run.last_grant = newest_grant_id()
            run.save(force_insert=True)
            data = {"institution": run.institution_id, "channels": run.channels, "uid": run.uid}
            record(Tag.RUN_STARTED, actor=person.actor, subject=run.subject, data=data)
    except IntegrityError as error:  # two began at once: the first one's key is the one that works
        raise AlreadyRunning() from error


def new_key(institution_id: int, *, person: "Person") -> tuple[Run, Credentials]:
    """Make another key for the run under way, for who lost it or whose connection was ended; those
    before stop working. Raises NothingRuns, NotOffered, NotDeveloper, ExchangeAway."""
    _refuse_others(institution_id, person)
    run = running(institution_id)
    if run is None or not run.uid:
        raise NothingRuns()
    key = _make_key(run.uid)
    with transaction.atomic():
        run.key_hint = key.api_key[:8]
        run.save(update_fields=["key_hint"])
        begun = run.disturbances.filter(channel=Channel.API, trial=Trial.FAREWELL, over_at=None)
        begun.update(over_at=now())
        data = {"uid": run.uid, "hint": run.key_hint}
        record(Tag.KEY_MADE, actor=person.actor, subject=run.subject, data=data)
    return run, key


def try_again(institution_id: int, channel: Channel, trial: Trial, *, person: "Person") -> Run:
    """Let the run make the same trouble once more; it does so when it looks next.

    Raises NothingRuns, NotOffered, NotDeveloper.
    """
    _refuse_others(institution_id, person)
    run = running(institution_id)
    if run is None:
        raise NothingRuns()
    leave_in_peace(run, channel=channel, trial=trial)
    return run


def abandon(institution_id: int, *, person: "Person") -> Run:
    """Give up the run under way. Raises NothingRuns, NotOffered, NotDeveloper."""
    _refuse_others(institution_id, person)
    run = running(institution_id)
    if run is None:
        raise NothingRuns()
    finish(run.pk, RunState.ABANDONED, actor=person.actor)
    return run


def _account(institution_id: int, name: str) -> str:
    """The institution's one test account in the demo environment, with play money."""
    (ours,) = institutions([institution_id])
    # The code tells the institutions of two databases apart that share one sandbox.
    reference = f"certification-{code_of(ours.pk, settings.VENUE_NAME)}"
    try:
        uid = sandbox_operator.open_account(reference, f"{name}, test trading", environment=DEMO)
        give_play_money(uid)
    except VenueError as error:
        raise ExchangeAway() from error
    return uid


def _newest_request(uid: str) -> int:
    try:
        seen = sandbox_operator.requests_of(uid, environment=DEMO)
    except VenueError as error:
        raise ExchangeAway() from error
    return seen[-1].id if seen else 0


def _make_key(uid: str) -> Credentials:
    """A key that may read and trade; every earlier one of the account is deleted."""
    permissions = [PERMISSION_READ, PERMISSION_TRADE]
    try:
        sandbox_operator.delete_keys(uid, LABEL, environment=DEMO)
        return sandbox_operator.create_key(
            uid, LABEL, f"{random_code(16)}aA1!", permissions, environment=DEMO
        )
    except VenueError as error:
        raise ExchangeAway() from error
