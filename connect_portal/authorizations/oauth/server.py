"""The library's machine as our views use it."""

from functools import cache

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore, get_oauthlib_core
from oauthlib.common import Request

from connect_portal.authorizations.models import Client


@cache
def core() -> OAuthLibCore:
    """The machine, built once."""
    return get_oauthlib_core()


def client_behind(request: HttpRequest) -> Client | None:
    """The client that a request authenticates as, by Basic or by fields of the form."""
    asked = Request(*core()._extract_params(request))
    known = core().server.request_validator.authenticate_client(asked)
    return asked.client if known else None
