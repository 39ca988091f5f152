"""The end of every connection of an institution at once: for a suspension that cannot wait, and for
offboarding.

Everything is set-based: ten connections and ten thousand take the same number of statements. What
takes long, open orders, keys at the venue and letters, are rows that the sweep works off.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from connect_portal.audit.actions import News as Event
from connect_portal.audit.actions import record_many
from connect_portal.authorizations.actions import letters, venue_keys
from connect_portal.authorizations.actions.cancellations import ask_to_cancel_all
from connect_portal.authorizations.enums import (
    STANDING_TOPIC,
    BindingState,
    EndedBy,
    GrantState,
    News,
    Scope,
    Tag,
)
from connect_portal.authorizations.models import Binding, Grant, Letter
from connect_portal.institutions.queries import code_of, departed
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.venue.business_clock import ahead


@dataclass(frozen=True, slots=True)
class Ended:
    """How many connections were ended, and of how many grants the open orders are canceled."""

    grants: int
    bindings: int
    cancels: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A connection that is about to end: its row, its key at the venue, its person."""

    pk: int
    venue_key_id: int | None
    person_id: int


def end_all(institution_id: int, *, reason: str, actor: str, cancel_orders: bool = False) -> Ended:
    """End every grant and binding of an institution, and say why in the trail.

    From the commit on no token works, no order counts, and our copies of the keys are gone; the
    sockets of its tokens close with the ring. Keys that we made are deleted at the venue by rows,
    after the open orders that carry the institution's code where those shall be canceled, and each
    person gets a letter. Again ends what came since.
    """
    offset = ahead()
    with transaction.atomic():
        return end_held(
            institution_id, offset, reason=reason, actor=actor, cancel_orders=cancel_orders
        )


def end_of_departed() -> int:
    """End what institutions that left the programme have; how many had anything. Their offboarding
    asks for it at once, and the sweep again: a wake-up may be lost."""
    gone = departed()
    holders = {
        *Grant.objects.filter(institution__in=gone, state=GrantState.ACTIVE)
        .values_list("institution_id", flat=True)
        .distinct(),
        *Binding.objects.filter(institution__in=gone)
        .exclude(state=BindingState.UNBOUND)
        .values_list("institution_id", flat=True)
        .distinct(),
    }
    for institution_id in sorted(holders):
        end_all(institution_id, reason="It leaves the programme.", actor="system:offboarding")
    return len(holders)


def end_held(
    institution_id: int, offset: timedelta, *, reason: str, actor: str, cancel_orders: bool
) -> Ended:
    """The same as part of another action's transaction; ``offset`` is how far business time is
    ahead."""
    with transaction.atomic():
        # Consents first, as everywhere: a key made with one is held after it.
        grants = _held_grants(institution_id)
        bindings = _held_bindings(institution_id)
        at = now()
        keys = [row.venue_key_id for row in (*grants, *bindings) if row.venue_key_id is not None]
        venue_keys.drop(*keys)
        cancels = _have_canceled(institution_id, grants) if cancel_orders else set()
        _end_grants(grants, at, offset)
        _end_bindings(bindings, at + offset)
        letters.keep([*_letters(grants, "grant_id"), *_letters(bindings, "binding_id")])
        feed.ring_on_commit(STANDING_TOPIC, institution_id)
        ended = Ended(len(grants), len(bindings), len(cancels))
        whole = asdict(ended) | {"reason": reason}
        told = [
            *_ends(Tag.GRANT_ENDED, "grant", grants, cancels),
            *_ends(Tag.UNBOUND, "binding", bindings),
            Event(Tag.ALL_ENDED, f"institution:{institution_id}", whole),
        ]
        record_many(told, actor=actor)
    return ended


def _held_grants(institution_id: int) -> list[_Held]:
    rows = Grant.objects.select_for_update(of=["self"]).order_by("pk")
    live = rows.filter(institution_id=institution_id, state=GrantState.ACTIVE)
    return [_Held(*row) for row in live.values_list("pk", "venue_key_id", "person_id")]


def _held_bindings(institution_id: int) -> list[_Held]:
    rows = Binding.objects.select_for_update(of=["self"]).order_by("pk")
    there = rows.filter(institution_id=institution_id).exclude(state=BindingState.UNBOUND)
    return [
        _Held(*row) for row in there.values_list("pk", "venue_key_id", "venue_account__owner_id")
    ]


def _have_canceled(institution_id: int, held: list[_Held]) -> set[int]:
    """Have the orders of those that may trade canceled; without a code in use there are none."""
    code = code_of(institution_id, settings.VENUE_NAME)
    if code is None:
        return set()
    grants = Grant.objects.filter(
        pk__in=[row.pk for row in held], scopes__contains=[Scope.TRADE.value]
    )
    return ask_to_cancel_all(grants, code)


def _end_grants(grants: list[_Held], at: datetime, offset: timedelta) -> None:
    rows = Grant.objects.filter(pk__in=[row.pk for row in grants])
    rows.update(
        state=GrantState.ENDED,
        ended_at=Least(Value(at), F("expires_at")) + offset,
        ended_by=EndedBy.EXCHANGE,
        sealed_credentials=None,
    )


def _end_bindings(bindings: list[_Held], at: datetime) -> None:
    rows = Binding.objects.filter(pk__in=[row.pk for row in bindings])
    rows.update(
        state=BindingState.UNBOUND,
        ended_at=at,
        ended_by=EndedBy.EXCHANGE,
        sealed_credentials=None,
    )


def _letters(rows: list[_Held], about: str) -> list[Letter]:
    return [Letter(news=News.CLOSED, person_id=row.person_id, **{about: row.pk}) for row in rows]


def _ends(tag: Tag, kind: str, rows: list[_Held], cancels: Collection[int] = ()) -> list[Event]:
    by = EndedBy.EXCHANGE.value
    return [
        Event(tag, f"{kind}:{row.pk}", {"by": by, "cancels_orders": row.pk in cancels})
        for row in rows
    ]
