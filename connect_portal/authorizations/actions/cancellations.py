"""The open orders of ended grants: canceled through their keys, then the keys are let go.

The row is the truth: it is tried again until its orders are gone or its time is over, and it never
holds up the end of the grant itself.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions import venue_keys
from connect_portal.authorizations.enums import Tag
from connect_portal.authorizations.models import Cancellation, Grant, VenueKey
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.kit.secrets import SealBroken
from connect_portal.venue.errors import OrderRefused, VenueError
from connect_portal.venue.port import FULL_PAGE, Desk
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Environment, VenueOrder

log = logging.getLogger(__name__)

ACTOR: Final = "system:sweep"
TRIED_FOR: Final = timedelta(minutes=10)
TRIED_FOR_MANY: Final = timedelta(hours=1)
"""For all grants of an institution: ten thousand are not done in ten minutes."""
AGAIN_AFTER: Final = timedelta(seconds=15)
AT_ONCE: Final = 20
_PAGES: Final = 50


def ask_to_cancel(grant: Grant, connect_code: str) -> None:
    """Have the open orders of a grant canceled that is ending; its key lives until then.

    To be called in the transaction of the end, while the grant still holds its key.
    """
    _keep([grant], connect_code, now() + TRIED_FOR)


def ask_to_cancel_all(grants: Iterable[Grant], connect_code: str) -> set[int]:
    """The same for many grants that end together; the ids of those whose orders are canceled.

    Not of one behind a bound key: its binding ends with it, and our copy is destroyed at once.
    """
    return _keep(
        [grant for grant in grants if grant.bound_key_id is None],
        connect_code,
        now() + TRIED_FOR_MANY,
    )


def _keep(grants: Iterable[Grant], connect_code: str, until: datetime) -> set[int]:
    rows = []
    for grant in grants:
        row = Cancellation(grant=grant, connect_code=connect_code, until=until, due_at=now())
        try:
            row.keep_key_of(grant)
        except SealBroken:
            log.error("grant:%s: our copy of its key does not open, its orders stay", grant.pk)
            continue
        rows.append(row)
    Cancellation.objects.bulk_create(rows)
    ids = {row.grant_id for row in rows}
    VenueKey.objects.filter(grant__in=ids).update(delete_at=until)
    enqueue_on_commit("authorizations.cancel_orders")
    return ids


def cancel_due() -> int:
    """Cancel what is due, each once; how many ended grants have no open order left."""
    begun, done = now(), 0
    while rows := _due(begun):
        done += sum(_work(row) for row in rows)
    return done


def _due(begun: datetime) -> list[Cancellation]:
    """Claim some of what was due then for a while: no two workers cancel the same orders."""
    due = Cancellation.objects.filter(done_at=None, due_at__lte=begun)
    with transaction.atomic():
        locked = due.select_for_update(of=["self"], skip_locked=True)
        claimed = list(
            locked.select_related("grant__venue_account", "grant__bound_key").order_by("due_at")[
                :AT_ONCE
            ]
        )
        ids = [row.pk for row in claimed]
        Cancellation.objects.filter(pk__in=ids).update(due_at=now() + timedelta(minutes=2))
    return claimed


def _work(row: Cancellation) -> bool:
    try:
        _cancel_all(row)
    except (VenueError, SealBroken) as error:
        row.trouble = str(error)[:200]
        if now() + AGAIN_AFTER < row.until:
            row.due_at = now() + AGAIN_AFTER
            row.save(update_fields=["trouble", "due_at", "canceled"])
            return False
        log.warning("grant:%s: its open orders stay: %s", row.pk, error)
        _let_go(row)
        return False
    row.trouble = ""
    _let_go(row)
    return True


def _cancel_all(row: Cancellation) -> None:
    account = row.grant.venue_account
    desk = venue().desk(row.account_key(), Environment(account.environment))
    mine = [order for order in _open_orders(desk) if order.tag == row.connect_code]
    for order in mine:
        row.canceled += _cancel(desk, order)


def _open_orders(desk: Desk) -> list[VenueOrder]:
    found: list[VenueOrder] = []
    older_than: str | None = None
    for _ in range(_PAGES):
        page = desk.open_orders(FULL_PAGE, older_than=older_than)
        found += page
        if len(page) < FULL_PAGE:
            break
        older_than = page[-1].order_id
    return found


def _cancel(desk: Desk, order: VenueOrder) -> bool:
    """Cancel one order; one that is over by now is none of ours any more."""
    try:
        desk.cancel(order.instrument, order.order_id)
    except OrderRefused:
        return False
    return True


def _let_go(row: Cancellation) -> None:
    """Forget the key here, and have it deleted at the venue."""
    with transaction.atomic():
        row.sealed_credentials, row.done_at = None, now()
        row.save(update_fields=["sealed_credentials", "done_at", "canceled", "trouble"])
        data = {"canceled": row.canceled, "trouble": row.trouble}
        record(Tag.ORDERS_CANCELED, actor=ACTOR, subject=f"grant:{row.grant_id}", data=data)
        if row.grant.venue_key_id is not None:
            venue_keys.drop(row.grant.venue_key_id)
