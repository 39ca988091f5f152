"""The key that an account's page signs with: made on first need, sealed, renewed when gone."""

from datetime import timedelta
from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions import venue_keys
from connect_portal.authorizations.enums import Tag
from connect_portal.authorizations.models import PageKey, VenueAccount, VenueKey
from connect_portal.kit.clock import now
from connect_portal.kit.secrets import SealBroken
from connect_portal.venue.errors import KeyRefused
from connect_portal.venue.types import PERMISSION_READ, PERMISSION_TRADE, Credentials

LABEL: Final = "Portal page"
AT_MOST_EVERY: Final = timedelta(minutes=1)
"""A key refused sooner than this after it was made would be refused again."""


def page_key(account: VenueAccount, *, actor: str) -> Credentials:
    """The key of the account's page, made now where there is none that opens.

    Raises VenueError. Not to be called inside a transaction.
    """
    return _kept(account) or _make(account, gone="", actor=actor)


def renew_page_key(account: VenueAccount, refused: KeyRefused, *, actor: str) -> Credentials:
    """Another key, after the venue has ``refused`` the one kept; a new one made by somebody else
    meanwhile is as good.

    Raises VenueError: ``refused`` itself where the key is too young for another to help.
    """
    held = PageKey.objects.filter(venue_account=account).first()
    if held is not None and held.made_at > now() - AT_MOST_EVERY:
        raise refused
    return _make(account, gone=held.key_fingerprint if held else "", actor=actor)


def _make(account: VenueAccount, *, gone: str, actor: str) -> Credentials:
    key = venue_keys.promise(account, LABEL)
    credentials = venue_keys.make_at_venue(key, (PERMISSION_READ, PERMISSION_TRADE))
    with transaction.atomic():
        # One writer per account: of two pages opened at once, the second takes the first's key.
        VenueAccount.objects.select_for_update().get(pk=account.pk)
        theirs = _kept(account, but_not=gone)
        if theirs is None:
            _store(account, key, credentials, actor=actor)
        else:
            venue_keys.drop(key.pk)
    return theirs or credentials


def _kept(account: VenueAccount, but_not: str = "") -> Credentials | None:
    held = PageKey.objects.filter(venue_account=account).first()
    if held is None or held.key_fingerprint == but_not:
        return None
    try:
        return held.credentials()
    except SealBroken:
        return None


def _store(account: VenueAccount, key: VenueKey, credentials: Credentials, *, actor: str) -> None:
    for held in PageKey.objects.filter(venue_account=account):
        venue_keys.drop(held.venue_key_id)
        held.delete()
    venue_keys.claim(key)
    page_key = PageKey(venue_account=account, venue_key=key, made_at=now())
    page_key.keep(credentials)
    page_key.save()
    data = {"uid": account.uid, "environment": account.environment}
    data["key"] = page_key.key_fingerprint
    record(Tag.PAGE_KEY_MADE, actor=actor, subject=f"account:{account.pk}", data=data)
