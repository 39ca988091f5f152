"""What OKX's dialect leaves open that the standard one does not; all else is the same validator.

https://www.okx.com/docs-v5/broker_en/#oauth-mode
"""

from datetime import timedelta
from typing import Any

from oauthlib.oauth2.rfc6749.errors import UnauthorizedClientError

from connect_portal.authorizations.enums import OVER_THE_GATEWAY, Dialect, Scope
from connect_portal.authorizations.models import Client
from connect_portal.authorizations.oauth.validator import Validator
from connect_portal.authorizations.queries import offers_fast_api


class FastApiNotOffered(UnauthorizedClientError):
    """The institution may not have keys made."""


class OkxValidator(Validator):
    """Codes live for ten minutes, and a client that shows a secret may do without PKCE."""

    dialect = Dialect.OKX
    code_lifetime = timedelta(minutes=10)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Client, request: Any, *_: Any, **__: Any
    ) -> bool:
        """What the standard dialect knows, or ``fast_api`` alone where it is offered."""
        if scopes == [Scope.FAST_API]:
            if not offers_fast_api(client.institution_id, client.environment):
                raise FastApiNotOffered(request=request)
            return True
        return set(scopes) <= set(OVER_THE_GATEWAY)

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """A public client has nothing else to show (RFC 9700, 2.1.1)."""
        return bool(request.client.client_type != request.client.CLIENT_CONFIDENTIAL)

    def get_default_redirect_uri(self, client_id: str, request: Any, *_: Any, **__: Any) -> str:
        """At the token endpoint the address of the code: this dialect does not repeat it."""
        code = getattr(request, "authorization_code", None)
        return str(code.redirect_uri if code else request.client.default_redirect_uri)
