"""That a grant was used, and from where; asked by tokens and the gateway, cheap to call often."""

from datetime import timedelta
from ipaddress import ip_address
from typing import Final

from connect_portal.authorizations.models import Grant, UsedFrom
from connect_portal.kit.clock import now

NOTED_EVERY: Final = timedelta(minutes=1)
ADDRESSES_KEPT: Final = 10


def note_use(grant_id: int, address: str = "") -> None:
    """Remember that a grant was used, to the minute, and the ``address`` it was used from."""
    stale = Grant.objects.exclude(last_used_at__gt=now() - NOTED_EVERY)
    stale.filter(pk=grant_id).update(last_used_at=now())
    try:
        found = ip_address(address)
    except ValueError:  # a proxy that says nothing usable
        return
    _note_address(grant_id, str(getattr(found, "ipv4_mapped", None) or found))


def _note_address(grant_id: int, address: str) -> None:
    known, is_new = UsedFrom.objects.get_or_create(grant_id=grant_id, address=address)
    if is_new:
        mine = UsedFrom.objects.filter(grant_id=grant_id)
        kept = list(mine.values_list("pk", flat=True)[:ADDRESSES_KEPT])
        mine.exclude(pk__in=kept).delete()
    elif known.last_at < now() - NOTED_EVERY:
        UsedFrom.objects.filter(pk=known.pk).update(last_at=now())
