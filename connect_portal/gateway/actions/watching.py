"""What test clients ask is kept, request by request, for the room that judges test trading.

Live clients leave decisions only. A test client is one whose account is in the demo environment.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from connect_portal.authorizations.queries import test_grant_of
from connect_portal.gateway.actions.noting import kept
from connect_portal.gateway.models import TestCall
from connect_portal.kit.clock import now

KEPT_FOR: Final = timedelta(days=7)
LONGEST_PATH: Final = 128


def note_test_call(
    token: str,
    method: str,
    path: str,
    code: str,
    *,
    held: bool,
    client_order_id: str = "",
    items: Sequence[dict[str, str]] = (),
) -> None:
    """Keep one request, if the token is, or was, one of a test client."""
    grant_id = test_grant_of(token)
    if grant_id is None:
        return
    TestCall.objects.create(
        grant_id=grant_id,
        method=method,
        path=kept(path, LONGEST_PATH),
        code=kept(code, 8),
        held=held,
        client_order_id=kept(client_order_id),
        items=[{name: kept(value, 64) for name, value in item.items()} for item in items],
    )


def forget_test_calls() -> None:
    """Delete what is a week old: runs have copied what they need."""
    TestCall.objects.filter(at__lt=now() - KEPT_FOR).delete()
