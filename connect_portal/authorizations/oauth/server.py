"""The library's machine as our views use it."""

from functools import cache

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request

from connect_portal.authorizations.enums import Dialect
from connect_portal.authorizations.models import Client
from connect_portal.authorizations.oauth.okx_validator import OkxValidator
from connect_portal.authorizations.oauth.validator import Validator

_VALIDATOR_OF = {Dialect.STANDARD: Validator, Dialect.OKX: OkxValidator}


@cache
def core(dialect: Dialect = Dialect.STANDARD) -> OAuthLibCore:
    """The machine for a dialect, built once."""
    validator = _VALIDATOR_OF[dialect]()
    make = oauth2_settings.OAUTH2_SERVER_CLASS
    return OAuthLibCore(make(validator, **oauth2_settings.server_kwargs))


def client_behind(request: HttpRequest) -> Client | None:
    """The client that a request authenticates as, by Basic or by fields of the form.

    Raises oauthlib's InvalidRequestError where it does so in two ways."""
    asked = Request(*core()._extract_params(request))
    known = core().server.request_validator.authenticate_client(asked)
    return asked.client if known else None
