"""Fast API: an institution has one key made of an account whose owner consented to that.

The key is a binding like any other, of the API channel: the institution signs straight to the
venue with it. https://www.okx.com/docs-v5/broker_en/#fast-api
"""

from dataclasses import dataclass, field, replace
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from connect_portal.authorizations.actions import bindings, venue_keys
from connect_portal.authorizations.enums import BindingState, EndedBy, GrantState
from connect_portal.authorizations.errors import OkxRefusal
from connect_portal.authorizations.models import Binding, Grant, VenueKey
from connect_portal.authorizations.queries import offers_fast_api
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.errors import OutcomeUnknown, VenueError
from connect_portal.venue.types import PERMISSION_READ, Credentials, KeyReport

PURPOSE: Final = "Fast API"


@dataclass(frozen=True, slots=True)
class FastKey:
    """A key as an institution asks for it; ``permissions`` are PERMISSION_* words, never to
    withdraw, and ``ips`` the addresses and networks it works from, none meaning any: or, where it
    ``binds_app``, those that its client is registered with, if there are any."""

    label: str
    passphrase: str = field(repr=False)
    permissions: frozenset[str]
    ips: tuple[str, ...]
    binds_app: bool = False


def make_fast_key(grant_id: int, wanted: FastKey, *, actor: str) -> Credentials:
    """Make the key and bind it; its secret is in this answer and nowhere else to be had.

    Raises OkxRefusal: 53017 not offered, 50116 there is one, 53003 the consent ended meanwhile,
    50001 or 50004 the venue.
    """
    grant = Grant.objects.select_related("venue_account", "client").get(pk=grant_id)
    if not offers_fast_api(grant.institution_id, grant.venue_account.environment):
        raise OkxRefusal("53017")
    _check_first(grant)
    if wanted.binds_app and not wanted.ips:
        wanted = replace(wanted, ips=tuple(grant.client.addresses))
    key = venue_keys.promise(grant.venue_account, PURPOSE)
    try:
        made = _made(key, wanted)
        _bind(grant, key, made, wanted, actor=actor)
    except OkxRefusal:
        venue_keys.drop(key.pk)
        raise
    return made.theirs


def delete_fast_key(grant_id: int, *, actor: str) -> None:
    """End the binding of the key that was made, and so delete the key at the venue.

    Raises OkxRefusal: 59506 there is none.
    """
    at = business_now()
    with transaction.atomic():
        grant = _held(grant_id)
        binding = _keys_of(grant).select_for_update(of=["self"]).first()
        if binding is None:
            raise OkxRefusal("59506")
        bindings.end(binding, EndedBy.INSTITUTION, at, actor=actor)


@dataclass(frozen=True, slots=True)
class _Made:
    """The institution's key, and one of ours that only reads where theirs does not work from here.
    Both carry one label, by which they are deleted together."""

    theirs: Credentials
    ours: Credentials | None


def _made(key: VenueKey, wanted: FastKey) -> _Made:
    try:
        theirs = venue_keys.make_at_venue(
            key, wanted.permissions, passphrase=wanted.passphrase, ips=wanted.ips
        )
        ours = venue_keys.make_at_venue(key, [PERMISSION_READ]) if wanted.ips else None
        return _Made(theirs, ours)
    except OutcomeUnknown as error:
        raise OkxRefusal("50004") from error
    except VenueError as error:
        raise OkxRefusal("50001" if error.retryable else "53010", "ip") from error


def _bind(grant: Grant, key: VenueKey, made: _Made, wanted: FastKey, *, actor: str) -> Binding:
    at = business_now()
    report = KeyReport(
        uid=grant.venue_account.uid,
        permissions=wanted.permissions,
        ips=wanted.ips,
        label=wanted.label,
    )
    with transaction.atomic():
        if _held(grant.pk).state != GrantState.ACTIVE:
            raise OkxRefusal("53003")
        _check_first(grant)
        return bindings.bind_made(
            grant, key, made.theirs, report, at, kept_instead=made.ours, actor=actor
        )


def _held(grant_id: int) -> Grant:
    """The consent, held still: requests with one token have keys made and deleted in turn."""
    return Grant.objects.select_for_update(of=["self"]).get(pk=grant_id)


def _check_first(grant: Grant) -> None:
    if _keys_of(grant).exists():
        raise OkxRefusal("50116")


def _keys_of(grant: Grant) -> QuerySet[Binding]:
    made = Binding.objects.filter(grant__isnull=False, institution_id=grant.institution_id)
    mine = made.filter(venue_account_id=grant.venue_account_id)
    return mine.exclude(state=BindingState.UNBOUND)
