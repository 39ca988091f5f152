"""The moves of a binding that are not its owner's: degraded, restored, put aside.

One function makes each move, under a row lock and from the states that `rules.MOVES` allows, with
the letter to the owner, the ring for the streams and the audit line in the same transaction.
"""

from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions import letters, venue_keys
from connect_portal.authorizations.enums import STANDING_TOPIC, BindingState, News, Tag
from connect_portal.authorizations.models import Binding
from connect_portal.authorizations.models.accounts import next_probe
from connect_portal.authorizations.rules import MOVES
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.types import KeyReport

FROM: Final = {
    to: [state for state, further in MOVES.items() if to in further] for to in BindingState
}
"""From where a binding may come to each state."""


def degrade(binding_id: int, *, trouble: str, actor: str) -> None:
    """Note that the venue refuses the key of a binding; said once, until it works again or another
    is bound. Its leave stands: orders that carry the code count once they can be read."""
    with transaction.atomic():
        binding = _held(binding_id, to=BindingState.DEGRADED)
        if binding is None:
            return
        binding.state = BindingState.DEGRADED
        binding.trouble = trouble[:200]
        binding.next_probe_at = next_probe()
        binding.save(update_fields=["state", "trouble", "next_probe_at"])
        _tell(Tag.DEGRADED, News.DEGRADED, binding, actor=actor)


def quarantine(binding_id: int, *, trouble: str, actor: str) -> None:
    """Put the key of a live binding aside: its leave stops, our copy is destroyed, and so is the
    key at the venue where we made it, until its owner binds a sound one."""
    at = business_now()
    with transaction.atomic():
        binding = _held(binding_id, to=BindingState.QUARANTINED)
        if binding is None:
            return
        binding.state = BindingState.QUARANTINED
        binding.quarantined_at = at
        binding.trouble = trouble[:200]
        binding.sealed_credentials = None
        binding.save(
            update_fields=["state", "quarantined_at", "trouble", "sealed_credentials"],
        )
        if binding.venue_key_id is not None:
            venue_keys.drop(binding.venue_key_id)
        _tell(Tag.QUARANTINED, News.QUARANTINED, binding, actor=actor)


def restore(binding_id: int, report: KeyReport, *, actor: str) -> None:
    """Note that the venue accepts the key of a live binding, and what it says of it now."""
    with transaction.atomic():
        binding = _held(binding_id, to=BindingState.BOUND)
        if binding is None:
            return
        was = binding.state
        binding.state, binding.trouble = BindingState.BOUND, ""
        binding.permissions, binding.ips = sorted(report.permissions), list(report.ips)
        binding.probed_at = now()
        binding.save(update_fields=["state", "trouble", "permissions", "ips", "probed_at"])
        if was == BindingState.DEGRADED:
            enqueue_on_commit("trades.catch_up", account_ids=[binding.venue_account_id])
            _tell(Tag.RESTORED, None, binding, actor=actor)


def _held(binding_id: int, *, to: BindingState) -> Binding | None:
    """The binding if it may move there, held until the transaction ends."""
    rows = Binding.objects.select_for_update(of=["self"]).select_related("venue_account")
    return rows.filter(pk=binding_id, state__in=FROM[to]).first()


def _tell(tag: Tag, news: News | None, binding: Binding, *, actor: str) -> None:
    """Tell the streams, the owner and the trail."""
    feed.ring_on_commit(STANDING_TOPIC, binding.pk)
    if news is not None:
        letters.write(news, binding, [binding.venue_account.owner_id])
    data = {"trouble": binding.trouble} if binding.trouble else {}
    record(tag, actor=actor, subject=f"binding:{binding.pk}", data=data)
