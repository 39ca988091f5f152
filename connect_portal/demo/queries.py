"""What a client needs to act as the cast."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from connect_portal.authorizations.queries import client_of
from connect_portal.demo import store
from connect_portal.demo.cast import COMPANIES, KEY_PERMISSIONS, PEOPLE
from connect_portal.institutions.queries import code_of, institution

SCOPES = "read_only trade"


def card() -> dict[str, Any]:
    """Addresses, people, institutions and venue accounts; null where something is not built."""
    kept = store.read()
    return {
        "portal_url": settings.PUBLIC_URL,
        "gateway_url": settings.PUBLIC_URL,
        "gateway_ws_url": f"{settings.PUBLIC_URL.replace('http', 'ws', 1)}/ws/v5",
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
        "oauth": _oauth(),
    }


def _institution(kept: dict[str, Any], key: str) -> dict[str, Any]:
    ours = institution(key)
    return {
        "connect_code": code_of(ours.pk, settings.VENUE_NAME) if ours else None,
        "venue_account": _venue_account(kept, key, ("read_only",)),
        "oauth": _client(kept, key, ours.pk if ours else None),
    }


def redirect_uri(key: str) -> str:
    """Where the page that plays a company is answered."""
    return f"{settings.PUBLIC_URL}/demo/{key}/callback/"


def _client(kept: dict[str, Any], key: str, institution_id: int | None) -> dict[str, Any]:
    client = client_of(institution_id) if institution_id else None
    return {
        "client_id": client.client_id if client else None,
        "client_secret": kept["client_secrets"].get(key),
        "redirect_uri": redirect_uri(key) if client else None,
        "scopes": SCOPES,
    }


def _oauth() -> dict[str, str]:
    names = {
        "authorize_url": "authorizations_consent_user:authorize",
        "token_url": "authorizations_machine:token",
        "revoke_url": "authorizations_machine:revoke",
        "introspect_url": "authorizations_machine:introspect",
        "discovery_url": "authorizations_machine:discovery",
        "par_url": "authorizations_machine:par",
    }
    return {word: f"{settings.PUBLIC_URL}{reverse(name)}" for word, name in names.items()}


def _venue_account(kept: dict[str, Any], key: str, names: tuple[str, ...]) -> dict[str, Any]:
    keys = kept["keys"].get(key, {})
    return {"uid": kept["uids"].get(key), "keys": {name: keys.get(name) for name in names}}
