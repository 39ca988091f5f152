"""Keys at the venue that we made, for grants, bindings and pages: promised by a row, made, and
deleted for certain."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction

from connect_portal.authorizations.errors import NoKeyForGrants, VenueAway
from connect_portal.authorizations.models import VenueAccount, VenueKey
from connect_portal.kit.clock import now
from connect_portal.kit.ids import random_code
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError
from connect_portal.venue.types import PERMISSION_READ, PERMISSION_TRADE, Credentials, Environment

log = logging.getLogger(__name__)

UNCLAIMED_AFTER: Final = timedelta(minutes=10)
"""A key that nothing has taken by then is a consent, or a page, that failed half way."""
LONGEST_PAUSE: Final = timedelta(hours=1)
AT_ONCE: Final = 50


def promise(account: VenueAccount, purpose: str = "connect") -> VenueKey:
    """Write down that a key is about to be made, so that it cannot be lost."""
    return VenueKey.objects.create(
        label=f"{purpose} {random_code(16)}",
        venue=account.venue,
        environment=account.environment,
        uid=account.uid,
        delete_at=now() + UNCLAIMED_AFTER,
    )


def make(key: VenueKey, scopes: Iterable[str]) -> Credentials:
    """Make the promised key: it reads, and trades where ``scopes`` say so.

    Raises NoKeyForGrants, VenueAway. Not to be called inside a transaction.
    """
    if not sandbox_operator.available():
        raise NoKeyForGrants()
    permissions = [PERMISSION_READ, *(scope for scope in scopes if scope == PERMISSION_TRADE)]
    try:
        return make_at_venue(key, permissions)
    except VenueError as error:
        raise VenueAway() from error


def make_at_venue(
    key: VenueKey, permissions: Iterable[str], *, passphrase: str = "", ips: Iterable[str] = ()
) -> Credentials:
    """Make the promised key with these PERMISSION_* words, and a passphrase of ours where none is
    given. Raises VenueError."""
    return sandbox_operator.create_key(
        key.uid,
        key.label,
        passphrase or f"{random_code(20)}aA1!",
        permissions,
        ips,
        environment=Environment(key.environment),
    )


def claim(key: VenueKey) -> None:
    """The promised key is worked with from now on, by the row that is stored with this."""
    VenueKey.objects.filter(pk=key.pk).update(delete_at=None)


def drop(*key_ids: int) -> None:
    """Delete these keys at the venue as soon as this transaction commits."""
    VenueKey.objects.filter(pk__in=key_ids).update(delete_at=now())
    enqueue_on_commit("authorizations.delete_venue_keys")


def delete_due(limit: int = AT_ONCE) -> int:
    """Delete at the venue what is due; how many are gone. A failure comes again after a pause."""
    return sum(_delete(key) for key in _due(limit))


def _due(limit: int) -> list[VenueKey]:
    """Claim what is due for a minute, so that no two workers delete one key at a time."""
    due = VenueKey.objects.filter(deleted_at=None, delete_at__lte=now())
    with transaction.atomic():
        claimed = list(due.select_for_update(skip_locked=True).order_by("delete_at")[:limit])
        ids = [key.pk for key in claimed]
        VenueKey.objects.filter(pk__in=ids).update(delete_at=now() + timedelta(minutes=1))
    return claimed


def _delete(key: VenueKey) -> bool:
    """Delete one key; twice is no error at the venue."""
    rows = VenueKey.objects.filter(pk=key.pk)
    try:
        sandbox_operator.delete_keys(key.uid, key.label, environment=Environment(key.environment))
    except VenueError as error:
        log.warning("venue key %s is not deleted yet: %s", key.pk, error)
        pause = min(timedelta(seconds=2) * 2 ** min(key.attempts, 12), LONGEST_PAUSE)
        attempts = key.attempts + 1
        rows.update(delete_at=now() + pause, attempts=attempts, trouble=error.message[:200])
        return False
    rows.update(deleted_at=now(), trouble="")
    return True
