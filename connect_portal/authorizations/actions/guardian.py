"""The guardian of keys: it asks the venue again what each may do, and acts on the answer.

What is due is a row with ``next_probe_at``; a run claims a few for a short while, so that many
workers never ask about one key at a time and a run that dies loses nothing. A venue that is away
is no fault of a key: the run ends there and the rest comes again.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from connect_portal.authorizations import rules
from connect_portal.authorizations.actions import binding_states, grants, venue_tokens
from connect_portal.authorizations.enums import LIVE_STATES, EndedBy, GrantState
from connect_portal.authorizations.models import Binding, Grant
from connect_portal.authorizations.models.accounts import next_probe
from connect_portal.kit.clock import now
from connect_portal.kit.secrets import SealBroken
from connect_portal.venue.errors import KeyRefused, Throttled, Unavailable, VenueError
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Environment, KeyReport

log = logging.getLogger(__name__)

ACTOR: Final = "system:guardian"
PROBES_A_RUN: Final = 25
"""Of each table. With a run every ten seconds: at most five questions a second, and 4,500 keys
within the quarter of an hour that a key may wait; with more keys, each waits longer."""
LEASE: Final = timedelta(minutes=2)
PAUSE: Final = timedelta(minutes=1)
"""After what is nobody's fault."""


def look_after_keys(limit: int = PROBES_A_RUN) -> int:
    """Ask the venue about the keys that are due, the longest due first; how many were asked."""
    due = _claim(limit)
    for number, row in enumerate(due):
        try:
            _look_after(row)
        except (Throttled, Unavailable) as error:
            log.warning("the venue is away, %s keys wait: %s", len(due) - number, error)
            _put_off(due[number:], timedelta(seconds=error.retry_after or 0))
            return number
    return len(due)


def _claim(limit: int) -> list[Binding | Grant]:
    """Take what is due for a short while, in two statements for each table."""
    live: list[QuerySet[Binding] | QuerySet[Grant]] = [
        Binding.objects.filter(state__in=LIVE_STATES),
        # Others rest on a binding, or nothing stands behind them; a token that has run out is
        # replaced before it says anything. Keys of demo accounts open nothing of worth.
        Grant.objects.filter(
            state=GrantState.ACTIVE,
            expires_at__gt=now(),
            sealed_credentials__isnull=False,
            venue_account__environment=Environment.LIVE,
        ).exclude(token_expires_at__lte=now()),
    ]
    claimed: list[Binding | Grant] = []
    for rows in live:
        with transaction.atomic():
            due = rows.filter(next_probe_at__lte=now()).order_by("next_probe_at")
            taken = due.select_for_update(skip_locked=True, of=["self"])[:limit]
            claimed += taken
            rows.filter(pk__in=[row.pk for row in taken]).update(next_probe_at=now() + LEASE)
    return claimed


def _look_after(row: Binding | Grant) -> None:
    """Ask about one key and act on the answer. Raises Throttled, Unavailable."""
    try:
        report = venue().probe(row.account_key())
    except KeyRefused as error:
        _note_refused(row, error.message)
    except SealBroken:
        # The operator's trouble, not the key's: sync says the same of it.
        log.error("%s %s: our copy of its key does not open", row._meta.model_name, row.pk)
    except (Throttled, Unavailable):
        raise
    except VenueError as error:
        log.warning("%s %s: not asked: %s", row._meta.model_name, row.pk, error)
    else:
        _judge(row, _about_its_own_key(row, report))
    type(row).objects.filter(pk=row.pk).update(next_probe_at=next_probe())


def _about_its_own_key(row: Binding | Grant, report: KeyReport) -> KeyReport:
    """What there is to say of the institution's key where another one, of ours, was asked about:
    it is as it was made."""
    if not (isinstance(row, Binding) and row.is_read_by_a_key_of_ours):
        return report
    may, where = frozenset(row.permissions), tuple(row.ips)
    return msgspec.structs.replace(report, permissions=may, ips=where)


def _put_off(rows: Iterable[Binding | Grant], asked: timedelta) -> None:
    pause = max(PAUSE, asked)
    ids: dict[type[Binding] | type[Grant], list[int]] = {Binding: [], Grant: []}
    for row in rows:
        ids[type(row)].append(row.pk)
    for table, keys in ids.items():
        table.objects.filter(pk__in=keys).update(next_probe_at=now() + pause)


def _judge(row: Binding | Grant, report: KeyReport) -> None:
    ips_before: Sequence[str] = row.ips if isinstance(row, Binding) else ()
    aside = rules.why_put_aside(report, ips_before)
    if isinstance(row, Grant):
        # We made this key: one that may more now was changed by somebody at the venue.
        if aside:
            _end_lost(row)
        else:
            Grant.objects.filter(pk=row.pk).update(probed_at=now())
    elif aside:
        binding_states.quarantine(row.pk, trouble=aside, actor=ACTOR)
    elif useless := rules.why_useless(report, row.permissions):
        binding_states.degrade(row.pk, trouble=useless, actor=ACTOR)
    else:
        binding_states.restore(row.pk, report, actor=ACTOR)


def _note_refused(row: Binding | Grant, trouble: str) -> None:
    """A binding waits for its key to work again; a grant cannot get another, so it ends."""
    if isinstance(row, Grant):
        _end_lost(row)
    else:
        binding_states.degrade(row.pk, trouble=trouble, actor=ACTOR)


def _end_lost(grant: Grant) -> None:
    if grant.token_expires_at is None:
        grants.end_for(EndedBy.VENUE, grant.pk, actor=ACTOR)
    else:
        venue_tokens.doubt(grant.pk)
