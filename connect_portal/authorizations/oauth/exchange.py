"""A code or a refresh token for tokens, in whichever dialect: one request at a time for each
secret, and what happens when a refresh token comes a second time."""

import json
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from connect_portal.authorizations.actions import end_for
from connect_portal.authorizations.enums import EndedBy
from connect_portal.authorizations.models import Client, RefreshToken
from connect_portal.authorizations.oauth import grace, locks

Answer = tuple[dict[str, str], str, int]
"""Headers, body and status, as the library's machine gives them."""
JKT: Final = "connect_portal.jkt"
"""Where an oauthlib request carries the key of a proof that was checked: a place beside the
headers of a request, which nobody outside can write to."""


class UsedBefore(Exception):
    """A refresh token that was redeemed before; nothing was done about it yet."""

    def __init__(self, row: RefreshToken, client: Client, refresh_token: str, jkt: str) -> None:
        super().__init__(row.pk)
        self.row, self.client, self.refresh_token, self.jkt = row, client, refresh_token, jkt


def exchange(secret: str, ask: Callable[[], Answer]) -> Answer:
    """What ``ask`` says, in one transaction behind the lock of ``secret``.

    A refresh token that was used before gets the first answer again for some seconds (`grace`);
    later it ends its grant, whoever holds the newer one (RFC 9700, 4.14.2).
    """
    try:
        with transaction.atomic():
            locks.claim(secret)
            return ask()
    except UsedBefore as again:
        answer = grace.recall(again.row, again.client, again.refresh_token, again.jkt)
        if answer is not None:
            return _headers(), json.dumps(answer), 200
        burn(again.row.grant_id, again.client)
        return _headers(), InvalidGrantError().json, 400


def burn(grant_id: int, client: Client) -> None:
    """End a grant of which something came that was used before, unless it came at the same
    moment: two workers that send the same thing at once are no theft."""
    if not locks.came_at_once():
        end_for(EndedBy.REPLAY, grant_id, actor=f"client:{client.client_id}")


def jkt_of(request: Any) -> str:
    """The key whose proof came along with an oauthlib request to the token endpoint; "" without."""
    return str(request.headers.get(JKT, ""))


def _headers() -> dict[str, str]:
    return {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
