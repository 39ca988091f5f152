"""The library's machine as our views use it."""

from functools import cache

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from connect_portal.authorizations.enums import Dialect
from connect_portal.authorizations.models import Client
from connect_portal.authorizations.oauth.exchange import JKT, Answer
from connect_portal.authorizations.oauth.okx_validator import OkxValidator
from connect_portal.authorizations.oauth.validator import Validator

_VALIDATOR_OF = {Dialect.STANDARD: Validator, Dialect.OKX: OkxValidator}


@cache
def core(dialect: Dialect = Dialect.STANDARD) -> OAuthLibCore:
    """The machine for a dialect, built once."""
    validator = _VALIDATOR_OF[dialect]()
    make = oauth2_settings.OAUTH2_SERVER_CLASS
    return OAuthLibCore(make(validator, **oauth2_settings.server_kwargs))


def tokens(request: HttpRequest, jkt: str) -> Answer:
    """What the machine says to a request for tokens with a proof of possession by the key ``jkt``,
    "" for none. Raises UsedBefore."""
    uri, method, body, headers = core()._extract_params(request)
    try:
        answer: Answer = core().server.create_token_response(
            uri, method, body, headers | {JKT: jkt}
        )
    except OAuth2Error as error:
        return error.headers, error.json, error.status_code
    return answer


def client_behind(request: HttpRequest, *, or_public: bool = False) -> Client | None:
    """The client that a request authenticates as, by Basic or by fields of the form; a public one,
    where it may, by its name alone.

    Raises oauthlib's InvalidRequestError where it does so in two ways.
    """
    asked = Request(*core()._extract_params(request))
    machine = core().server.request_validator
    if or_public and not machine.client_authentication_required(asked):
        known = machine.authenticate_client_id(asked.client_id, asked)
    else:
        known = machine.authenticate_client(asked)
    return asked.client if known else None
