"""What OKX's dialect leaves open that the standard one does not; all else is the same validator.

https://www.okx.com/docs-v5/broker_en/#oauth-mode
"""

from datetime import timedelta
from typing import Any

from connect_portal.authorizations.enums import Dialect
from connect_portal.authorizations.oauth.validator import Validator


class OkxValidator(Validator):
    """Codes live for ten minutes, and a client that shows a secret may do without PKCE."""

    dialect = Dialect.OKX
    code_lifetime = timedelta(minutes=10)

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """A public client has nothing else to show (RFC 9700, 2.1.1)."""
        return bool(request.client.client_type != request.client.CLIENT_CONFIDENTIAL)

    def get_default_redirect_uri(self, client_id: str, request: Any, *_: Any, **__: Any) -> str:
        """At the token endpoint the address of the code: this dialect does not repeat it."""
        code = getattr(request, "authorization_code", None)
        return str(code.redirect_uri if code else request.client.default_redirect_uri)
