"""The end of every connection of an institution at once: for a suspension that cannot wait, and for
offboarding.

Everything is set-based: ten connections and ten thousand take the same number of statements. What
takes long, keys at the venue and letters, are rows that the sweep works off.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from connect_portal.audit.actions import News as Event
from connect_portal.audit.actions import record_many
from connect_portal.authorizations.actions import letters, venue_keys
from connect_portal.authorizations.enums import (
    STANDING_TOPIC,
    BindingState,
    EndedBy,
    GrantState,
    News,
    Tag,
)
from connect_portal.authorizations.models import Binding, Grant, Letter
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.venue.business_clock import ahead


@dataclass(frozen=True, slots=True)
class Ended:
    """How many connections were ended."""

    grants: int
    bindings: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A connection that is about to end: its row, its key at the venue, its person."""

    pk: int
    venue_key_id: int | None
    person_id: int


def end_all(institution_id: int, *, reason: str, actor: str) -> Ended:
    """End every grant and binding of an institution, and say why in the trail.

    From the commit on no token works, no order counts, and our copies of the keys are gone; the
    sockets of its tokens close with the ring. Keys that we made are deleted at the venue by rows,
    and each person gets a letter. Again ends what came since.
    """
    offset = ahead()
    with transaction.atomic():
        return end_held(institution_id, offset, reason=reason, actor=actor)


def end_held(institution_id: int, offset: timedelta, *, reason: str, actor: str) -> Ended:
    """The same as part of another action's transaction; ``offset`` is how far business time is
    ahead."""
    with transaction.atomic():
        # Consents first, as everywhere: a key made with one is held after it.
        grants = _held_grants(institution_id)
        bindings = _held_bindings(institution_id)
        at = now()
        _end_grants(grants, at, offset)
        _end_bindings(bindings, at + offset)
        keys = [row.venue_key_id for row in (*grants, *bindings) if row.venue_key_id is not None]
        venue_keys.drop(*keys)
        letters.keep([*_letters(grants, "grant_id"), *_letters(bindings, "binding_id")])
        feed.ring_on_commit(STANDING_TOPIC, institution_id)
        record_many(_events(institution_id, grants, bindings, reason), actor=actor)
    return Ended(len(grants), len(bindings))


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


def _events(
    institution_id: int, grants: list[_Held], bindings: list[_Held], reason: str
) -> list[Event]:
    by = {"by": EndedBy.EXCHANGE.value}
    whole = {"grants": len(grants), "bindings": len(bindings), "reason": reason}
    return [
        *(Event(Tag.GRANT_ENDED, f"grant:{row.pk}", by) for row in grants),
        *(Event(Tag.UNBOUND, f"binding:{row.pk}", by) for row in bindings),
        Event(Tag.ALL_ENDED, f"institution:{institution_id}", whole),
    ]
