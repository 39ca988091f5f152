"""An authorization request: read from the query string alone, answered at an approved address."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    FatalClientError,
    InvalidRequestError,
    InvalidRequestFatalError,
    OAuth2Error,
)

from connect_portal.authorizations.enums import Dialect
from connect_portal.authorizations.models import Client, Grant
from connect_portal.authorizations.oauth.details import NOTHING_MORE, Wanted, wanted_by
from connect_portal.authorizations.oauth.server import core

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url without padding (RFC 7636, 4.2)."""


class NotToBeAnswered(Exception):
    """No client, or an address that was not approved: said on our page, never sent anywhere."""


class AnsweredWithError(Exception):
    """The client is told what is wrong; ``url`` is where the browser goes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True)
class Asked:
    """What a known client asks for, within which limits, and the address at which it wants the
    answer."""

    dialect: ClassVar[Dialect] = Dialect.STANDARD

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    credentials: dict[str, Any]
    full_path: str
    wanted: Wanted = NOTHING_MORE

    @classmethod
    def signature(cls) -> list[tuple[str, str]]:
        """What says in every answer who gives it (RFC 9207)."""
        return [("iss", settings.PUBLIC_URL)]

    @classmethod
    def error_url(cls, redirect_uri: str, error: OAuth2Error) -> str:
        """Where the browser goes with an error."""
        return _with(redirect_uri, [*error.twotuples, *cls.signature()])

    def denied(self) -> str:
        """Where the browser goes when the person said no."""
        state = self.credentials["state"]
        return self.error_url(self.redirect_uri, AccessDeniedError(state=state))

    def answered(self, grant: Grant) -> str:
        """Where the browser goes with a new code of ``grant``. Raises NotToBeAnswered and
        AnsweredWithError: the request is looked at once more."""
        credentials = self.credentials | {"grant_id": grant.pk, "user": grant.person}
        try:
            headers, _, _ = core(self.dialect).server.create_authorization_response(
                self.full_path, scopes=list(grant.scopes), credentials=credentials
            )
        except FatalClientError as error:
            raise NotToBeAnswered() from error
        return _with(headers["Location"], self.signature())


def read(request: HttpRequest) -> Asked:
    """The authorization request in the address. Raises NotToBeAnswered, AnsweredWithError.

    Only the query string counts, on the way back from the consent page too: what the page posts
    cannot change who asks, for what, or where the answer goes.
    """
    path = core()._get_escaped_full_path(request)
    try:
        if any(len(values) > 1 for _, values in request.GET.lists()):
            raise InvalidRequestFatalError(description="A parameter came twice.")
        scopes, credentials = core().server.validate_authorization_request(path)
        check_challenge(credentials)
        wanted = wanted_by(credentials["request"])
    except (FatalClientError, ValueError) as error:
        raise NotToBeAnswered() from error
    except OAuth2Error as error:
        raise AnsweredWithError(Asked.error_url(error.redirect_uri, error)) from error
    client = credentials.pop("request").client
    return Asked(client, credentials["redirect_uri"], tuple(scopes), credentials, path, wanted)


def check_challenge(credentials: dict[str, Any]) -> None:
    """S256 and nothing else (RFC 9700, 2.1.1)."""
    asked = credentials["request"]
    if credentials["code_challenge_method"] != "S256":
        raise InvalidRequestError("code_challenge_method must be S256.", request=asked)
    if not _CHALLENGE.fullmatch(credentials["code_challenge"]):
        raise InvalidRequestError("code_challenge must be a SHA-256 in base64url.", request=asked)


def _with(uri: str, parameters: list[tuple[str, str]]) -> str:
    return str(add_params_to_uri(uri, parameters))
