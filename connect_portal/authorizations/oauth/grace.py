"""An honest client that refreshes twice at once, or whose answer was lost on the way, gets the
same pair again for a few seconds; after that the token that comes again is a replay.

The answer lies in Redis, encrypted under a key that only the presented token yields (HKDF, RFC
5869), and opens for the same client and the same proof of possession alone. While Redis is away
there is no grace, and nobody is answered with an error for it.
"""

import json
import os
from datetime import timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connect_portal.authorizations.models import Client, RefreshToken
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.kit import memory
from connect_portal.kit.clock import now

SECONDS: Final = 10
_NONCE: Final = 12


def remember(refresh_token: str, client: Client, jkt: str, answer: dict[str, Any]) -> None:
    """Keep what was answered to ``refresh_token``. To be called before its lock is let go, so that
    whoever waits there finds it."""
    nonce = os.urandom(_NONCE)
    sealed = _cipher(refresh_token, client, jkt).encrypt(nonce, json.dumps(answer).encode(), None)
    memory.keep(_name(refresh_token), nonce + sealed, SECONDS)


def recall(
    row: RefreshToken, client: Client, refresh_token: str, jkt: str
) -> dict[str, Any] | None:
    """What was answered to ``refresh_token``, whose row was used up, some seconds ago, while that
    is the newest pair of a grant that stands; otherwise None."""
    is_over = now() - timedelta(seconds=SECONDS)
    sealed = memory.kept(_name(refresh_token))
    if sealed is None or row.revoked is None or row.revoked < is_over:
        return None
    cipher = _cipher(refresh_token, client, jkt)
    try:
        answer: dict[str, Any] = json.loads(cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
    except InvalidTag:
        return None
    newest = RefreshToken.objects.filter(
        token_checksum=checksum(answer["refresh_token"]), application=client, revoked=None
    )
    newer = newest.select_related("grant__person").first()
    stands = newer is not None and newer.grant.is_live and newer.grant.person.is_active
    return answer if stands else None


def _cipher(refresh_token: str, client: Client, jkt: str) -> AESGCM:
    bound_to = f"refresh grace|{client.client_id}|{jkt}".encode()
    secret = refresh_token.encode(errors="replace")
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=bound_to).derive(secret))


def _name(refresh_token: str) -> str:
    return f"refresh:{checksum(f'grace of {refresh_token}')}"
