"""An authorization request: read from the query string, or from what the client pushed before
(RFC 9126), and answered at an approved address."""

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    FatalClientError,
    InvalidRequestError,
    OAuth2Error,
)

from connect_portal.authorizations.enums import Dialect
from connect_portal.authorizations.models import Client, Grant, PushedRequest
from connect_portal.authorizations.oauth import pushed
from connect_portal.authorizations.oauth.details import NOTHING_MORE, Wanted, wanted_by
from connect_portal.authorizations.oauth.dpop import THUMBPRINT
from connect_portal.authorizations.oauth.server import core

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url without padding (RFC 7636, 4.2)."""


class RequestNotSupported(OAuth2Error):
    """A request object (RFC 9101): a client pushes its request instead."""

    error = "request_not_supported"  # type: ignore[assignment]


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
    pushed: PushedRequest | None = None

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
        self._close()
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
        self._close()
        return _with(headers["Location"], self.signature())

    def _close(self) -> None:
        """A pushed request is answered once."""
        if self.pushed is not None:
            self.pushed.delete()


def read(request: HttpRequest) -> Asked:
    """The authorization request of a browser. Raises NotToBeAnswered, AnsweredWithError.

    Only the query string counts, on the way back from the consent page too: what the page posts
    cannot change who asks, for what, or where the answer goes. Where it names a pushed request,
    nothing else in it counts (RFC 9126, 4; RFC 9101, 5).
    """
    if "request_uri" not in request.GET:
        if any(len(values) > 1 for _, values in request.GET.lists()):
            raise NotToBeAnswered()
        return _read(core()._get_escaped_full_path(request))
    brought = pushed.found(request)
    if brought is None:
        raise NotToBeAnswered()
    return replace(_read(f"{request.path}?{brought.query}", is_pushed=True), pushed=brought)


def check(parameters: dict[str, str]) -> None:
    """Whether a client may push these parameters; raises oauthlib's OAuth2Error, or ValueError."""
    _validated(f"/?{urlencode(parameters)}", is_pushed=True)


def _read(path: str, *, is_pushed: bool = False) -> Asked:
    try:
        scopes, credentials, wanted = _validated(path, is_pushed=is_pushed)
    except (FatalClientError, ValueError) as error:
        raise NotToBeAnswered() from error
    except OAuth2Error as error:
        raise AnsweredWithError(Asked.error_url(error.redirect_uri, error)) from error
    client = credentials.pop("request").client
    return Asked(client, credentials["redirect_uri"], tuple(scopes), credentials, path, wanted)


def _validated(path: str, *, is_pushed: bool) -> tuple[list[str], dict[str, Any], Wanted]:
    scopes, credentials = core().server.validate_authorization_request(path)
    asked = credentials["request"]
    if asked.client.par_required and not is_pushed:
        raise InvalidRequestError("This client pushes its requests first.", request=asked)
    if hasattr(asked, "request"):
        raise RequestNotSupported(request=asked)
    if (getattr(asked, "response_mode", None) or "query") != "query":
        raise InvalidRequestError("response_mode must be query.", request=asked)
    check_challenge(credentials)
    if not THUMBPRINT.fullmatch(getattr(asked, "dpop_jkt", "x" * 43)):
        raise InvalidRequestError("dpop_jkt must be a SHA-256 in base64url.", request=asked)
    return scopes, credentials, wanted_by(asked)


def check_challenge(credentials: dict[str, Any]) -> None:
    """S256 and nothing else (RFC 9700, 2.1.1)."""
    asked = credentials["request"]
    if credentials["code_challenge_method"] != "S256":
        raise InvalidRequestError("code_challenge_method must be S256.", request=asked)
    if not _CHALLENGE.fullmatch(credentials["code_challenge"]):
        raise InvalidRequestError("code_challenge must be a SHA-256 in base64url.", request=asked)


def _with(uri: str, parameters: list[tuple[str, str]]) -> str:
    return str(add_params_to_uri(uri, parameters))
