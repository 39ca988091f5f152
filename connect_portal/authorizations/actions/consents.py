"""The consents that stand beside a bound key: the one it was made with over Fast API, and those
that it opens the account for where the venue makes no keys for us."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import (
    LIVE_STATES,
    STANDING_TOPIC,
    EndedBy,
    GrantState,
    Tag,
)
from connect_portal.authorizations.models import Binding, Grant
from connect_portal.kit import feed


def hand_over(before: Collection[Grant], grant: Grant) -> None:
    """Let the keys that were made with consents ``before`` hang on ``grant``, which took their
    place: an institution asks anew to have its key deleted or another made."""
    theirs = Binding.objects.filter(grant__in=before, state__in=LIVE_STATES)
    theirs.update(grant=grant)


def rest_on(binding: Binding, before: Collection[Binding]) -> None:
    """Let the consents that rested on keys ``before`` rest on the one that took their place."""
    Grant.objects.filter(bound_key__in=before, state=GrantState.ACTIVE).update(bound_key=binding)


def hold_beside(binding_id: int) -> None:
    """Hold the consents beside a key until this transaction ends. Who holds both holds a consent
    before its key, so that nobody waits for one another."""
    beside = Q(bound_key=binding_id) | Q(fast_bindings=binding_id)
    list(Grant.objects.select_for_update(of=["self"]).filter(beside).order_by("pk"))


def end_beside(binding: Binding, reason: EndedBy, at: datetime, *, actor: str) -> None:
    """End the consents that rest on a key which is over; and the one that it was made with, if its
    person ends it, so that their no is not answered with another key."""
    beside = Q(bound_key=binding)
    if reason == EndedBy.USER and binding.grant_id is not None:
        beside |= Q(pk=binding.grant_id)
    active = Grant.objects.select_for_update(of=["self"]).filter(state=GrantState.ACTIVE)
    for grant in active.filter(beside):
        grant.state, grant.ended_at, grant.ended_by = GrantState.ENDED, at, reason
        grant.save(update_fields=["state", "ended_at", "ended_by"])
        feed.ring_on_commit(STANDING_TOPIC, grant.pk)
        data = {"by": reason}
        record(Tag.GRANT_ENDED, actor=actor, subject=f"grant:{grant.pk}", data=data)
