"""Reads of this room, for every room above."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from connect_portal.authorizations.enums import LIVE_STATES, BindingState
from connect_portal.authorizations.models import Binding, VenueAccount
from connect_portal.kit.secrets import SealBroken
from connect_portal.venue.types import Credentials

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """That an institution may act on an account, and since when."""

    institution_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Access:
    """A key that opens an account for sync, and the binding it comes from."""

    account_id: int
    binding_id: int
    credentials: Credentials


def bindings_of(owner_id: int) -> QuerySet[Binding]:
    """All bindings a person ever made, newest first, with institution and account."""
    mine = Binding.objects.filter(venue_account__owner_id=owner_id)
    return mine.select_related("institution", "venue_account")


def standings(account_id: int) -> list[Standing]:
    """Every institution that is or was authorized on an account, by its spans of time."""
    rows = Binding.objects.filter(venue_account_id=account_id).order_by("bound_at")
    return [Standing(*row) for row in rows.values_list("institution_id", "bound_at", "ended_at")]


def working_account_ids() -> list[int]:
    """Accounts with at least one key that the venue accepts."""
    working = Binding.objects.filter(state=BindingState.BOUND)
    return list(working.values_list("venue_account_id", flat=True).distinct().order_by())


def accesses(account_ids: Collection[int]) -> list[Access]:
    """One working key per account (the newest), for sync; accounts without one are left out.

    So is one whose sealed copy does not open here: that is for the operator, who may have lost a
    vault key, and must not stop the others.
    """
    rows = (
        Binding.objects.filter(venue_account_id__in=account_ids, state=BindingState.BOUND)
        .order_by("venue_account_id", "-bound_at", "-pk")
        .distinct("venue_account_id")
    )
    opened = ((row, _opened(row)) for row in rows)
    return [
        Access(row.venue_account_id, row.pk, credentials)
        for row, credentials in opened
        if credentials is not None
    ]


def _opened(binding: Binding) -> Credentials | None:
    try:
        return binding.credentials()
    except SealBroken:
        log.error("binding %s: our copy of its key does not open", binding.pk)
        return None


def live_bindings_count(institution_id: int) -> int:
    """How many venue accounts are bound for an institution now."""
    return Binding.objects.filter(institution_id=institution_id, state__in=LIVE_STATES).count()


def live_bindings_counts() -> dict[int, int]:
    """How many venue accounts are bound now, by institution; those without any are left out."""
    live = Binding.objects.filter(state__in=LIVE_STATES).order_by().values("institution_id")
    return dict(live.annotate(bound=Count("pk")).values_list("institution_id", "bound"))


def account_uids(account_ids: Collection[int]) -> dict[int, str]:
    """The venue's own number of each account."""
    return dict(VenueAccount.objects.filter(pk__in=account_ids).values_list("pk", "uid"))
