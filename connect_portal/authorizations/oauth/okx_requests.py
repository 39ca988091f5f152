"""An authorization request in OKX's dialect: the standard one in other words.

https://www.okx.com/docs-v5/broker_en/#oauth-mode. Scopes are a comma list, ``access_type`` is
``offline``, ``channelId`` is accepted and means nothing here, and the answer carries ``domain``:
the host whose v5 wire serves this account.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    FatalClientError,
    InvalidRequestError,
    OAuth2Error,
    UnauthorizedClientError,
)

from connect_portal.authorizations.enums import Dialect
from connect_portal.authorizations.oauth.okx_validator import FastApiNotOffered
from connect_portal.authorizations.oauth.requests import (
    AnsweredWithError,
    Asked,
    NotToBeAnswered,
    check_challenge,
)
from connect_portal.authorizations.oauth.server import core

_TAKEN: Final = (
    *("response_type", "client_id", "redirect_uri", "state"),
    *("code_challenge", "code_challenge_method"),
)
_NUMBER_OF: Final[dict[type[OAuth2Error], str]] = {
    AccessDeniedError: "53001",
    UnauthorizedClientError: "53009",
    FastApiNotOffered: "53017",
}


@dataclass(frozen=True)
class OkxAsked(Asked):
    """What a client asks for in this dialect, answered in it."""

    dialect: ClassVar[Dialect] = Dialect.OKX

    @classmethod
    def signature(cls) -> list[tuple[str, str]]:
        return [("domain", settings.PUBLIC_URL)]

    @classmethod
    def error_url(cls, redirect_uri: str, error: OAuth2Error) -> str:
        """With OKX's number beside the error of RFC 6749; ``code`` is what a code is called."""
        number = ("error_code", _NUMBER_OF.get(type(error), "53010"))
        parameters = [*error.twotuples, number, *cls.signature()]
        return str(add_params_to_uri(redirect_uri, parameters))


def read(request: HttpRequest) -> OkxAsked:
    """The authorization request in the address. Raises NotToBeAnswered, AnsweredWithError."""
    if any(len(values) > 1 for _, values in request.GET.lists()):
        raise NotToBeAnswered()
    path = _in_standard_words(request)
    try:
        scopes, credentials = core(Dialect.OKX).server.validate_authorization_request(path)
        asked = credentials["request"]
        if asked.client.par_required:
            raise UnauthorizedClientError(request=asked)
        if not request.GET.get("scope"):
            raise InvalidRequestError("scope is missing.", request=asked)
        if request.GET.get("access_type", "offline") != "offline":
            raise InvalidRequestError("access_type must be offline.", request=asked)
        _check_binding(credentials)
    except (FatalClientError, ValueError) as error:
        raise NotToBeAnswered() from error
    except OAuth2Error as error:
        raise AnsweredWithError(OkxAsked.error_url(error.redirect_uri, error)) from error
    client = credentials.pop("request").client
    return OkxAsked(client, credentials["redirect_uri"], tuple(scopes), credentials, path)


def _in_standard_words(request: HttpRequest) -> str:
    """The same request as RFC 6749 spells it."""
    given = {name: request.GET[name] for name in _TAKEN if name in request.GET}
    scope = request.GET.get("scope", "").replace(",", " ")
    return f"{request.path}?{urlencode(given | {'scope': scope})}"


def _check_binding(credentials: dict[str, Any]) -> None:
    """The answer comes back to the browser that asked: by PKCE, or by ``state`` alone where the
    client may do without (RFC 9700, 2.1)."""
    asked = credentials["request"]
    if "code_challenge" in credentials:
        check_challenge(credentials)
    elif not credentials["state"]:
        raise InvalidRequestError("state is missing.", request=asked)
