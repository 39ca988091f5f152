"""Who calls: a confidential client by one of its secrets, a public one by its name alone."""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote_plus

from django.db.models import QuerySet
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from connect_portal.authorizations.models import Client, ClientSecret
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.institutions.enums import WORKING_CODES, Channel
from connect_portal.kit.callers import caller, is_allowed
from connect_portal.kit.clock import now

NOTED_EVERY: Final = timedelta(minutes=1)


def shows_secret(client: Client, secret: str) -> bool:
    """Whether ``secret`` is one of the client's that work. That it was used is noted, to the
    minute."""
    working = ClientSecret.objects.filter(client=client, revoked_at=None)
    row = working.filter(checksum=checksum(secret)).first()
    if row is None or client.is_public:
        return False
    if row.last_used_at is None or row.last_used_at < now() - NOTED_EVERY:
        ClientSecret.objects.filter(pk=row.pk).update(last_used_at=now())
    return True


def usable_clients() -> QuerySet[Client]:
    """Clients whose institution is on the OAuth channel and not suspended, with it; what
    `Client.is_usable` asks, in one statement."""
    here = Client.objects.filter(
        institution__channels__contains=[Channel.OAUTH],
        institution__codes__state__in=WORKING_CODES,
    )
    return here.select_related("institution").distinct()


class AuthenticatesClients(OAuth2Validator):
    """The part of the library's machine that asks who calls. A request here is oauthlib's."""

    def _load_application(self, client_id: str | None, request: Any) -> Client | None:
        """The client of that name, if it may be used; it is set on ``request``, and read once.

        PostgreSQL takes no NUL in a text, so no client is called that.
        """
        known = request.client
        if known is None or known.client_id != client_id:
            named = bool(client_id) and "\0" not in str(client_id)
            request.client = usable_clients().filter(client_id=client_id).first() if named else None
        found: Client | None = request.client
        return found

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Always, unless a public client says who it is and shows nothing that it cannot have."""
        if request.client_secret or _basic(request):
            return True
        client = self._load_application(request.client_id, request)
        return client is None or not client.is_public

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Whether a confidential client shows a secret that works, in one way and not in two
        (RFC 6749, 2.3). The client is set on ``request``."""
        basic = _basic(request)
        if basic and request.client_secret:
            raise InvalidRequestError("Show the secret in one way only.", request=request)
        client_id, secret = basic or (request.client_id, request.client_secret or "")
        if request.client_id not in (None, client_id):
            raise InvalidRequestError("Two clients are named.", request=request)
        client = self._load_application(client_id, request)
        return (
            client is not None
            and shows_secret(client, secret)
            and comes_from(client, request.headers)
        )

    def authenticate_client_id(
        self, client_id: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a public client is called that."""
        client = self._load_application(client_id, request)
        return client is not None and client.is_public and comes_from(client, request.headers)


def comes_from(client: Client, meta: Mapping[str, Any]) -> bool:
    """Whether a request, by what came with it (``HttpRequest.META``), is of one of the servers of
    the client, where it named any."""
    return is_allowed(address_in(meta), client.addresses)


def address_in(meta: Mapping[str, Any]) -> str:
    """The address that a request comes from."""
    return caller(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""))


def _basic(request: Any) -> tuple[str, str] | None:
    """Name and secret of an Authorization header (RFC 6749, 2.3.1), wrong ones for a broken one;
    None without it."""
    scheme, _, text = (request.headers.get("HTTP_AUTHORIZATION") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
