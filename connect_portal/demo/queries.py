"""What a client needs to act as the cast."""

from typing import Any

from django.conf import settings

from connect_portal.demo import store
from connect_portal.demo.cast import COMPANIES, KEY_PERMISSIONS, PEOPLE
from connect_portal.institutions.queries import code_of, institution

_NOT_BUILT = (
    "authorize_url",
    "token_url",
    "revoke_url",
    "introspect_url",
    "par_url",
    "discovery_url",
)


def card() -> dict[str, Any]:
    """Addresses, people, institutions and venue accounts; null where something is not built."""
    kept = store.read()
    return {
        "portal_url": settings.PUBLIC_URL,
        "gateway_url": settings.PUBLIC_URL,
        "gateway_ws_url": None,
        "sandbox_url": settings.VENUE_URL,
        "sandbox_ws_url": settings.VENUE_WS_URL,
        "password": kept["password"],
        "users": {
            key: {
                "email": person.email,
                "role": person.role,
                "totp_secret": kept["totp_secrets"].get(key),
            }
            for key, person in PEOPLE.items()
        },
        "institutions": {key: _institution(kept, key) for key in COMPANIES},
        "venue_accounts": {
            key: _venue_account(kept, key, tuple(KEY_PERMISSIONS))
            for key in ("trader", "counterparty")
        },
        "oauth": dict.fromkeys(_NOT_BUILT),
    }


def _institution(kept: dict[str, Any], key: str) -> dict[str, Any]:
    ours = institution(key)
    return {
        "connect_code": code_of(ours.pk, settings.VENUE_NAME) if ours else None,
        "venue_account": _venue_account(kept, key, ("read_only",)),
        "oauth": dict.fromkeys(("client_id", "client_secret", "redirect_uri", "scopes")),
    }


def _venue_account(kept: dict[str, Any], key: str, names: tuple[str, ...]) -> dict[str, Any]:
    keys = kept["keys"].get(key, {})
    return {"uid": kept["uids"].get(key), "keys": {name: keys.get(name) for name in names}}
