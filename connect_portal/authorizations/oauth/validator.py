"""What the OAuth library asks of us: whose code this is, which scopes, mint, revoke.

Everything here runs inside the one transaction of `oauth.exchange`, behind the advisory lock
of the code or refresh token, so no two requests ever redeem one at a time. A request here is
oauthlib's, a bag of whatever was sent: what decides is set by us or read from our rows.
"""

import hmac
from datetime import timedelta
from typing import Any
from uuid import uuid4

from oauth2_provider.settings import oauth2_settings
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, OAuth2Error

from connect_portal.authorizations.actions import end_for, note_use
from connect_portal.authorizations.enums import Dialect, EndedBy, GrantState, Scope
from connect_portal.authorizations.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    Grant,
    RefreshToken,
)
from connect_portal.authorizations.oauth import grace
from connect_portal.authorizations.oauth.clients import NOTED_EVERY, AuthenticatesClients
from connect_portal.authorizations.oauth.details import granted_by
from connect_portal.authorizations.oauth.exchange import UsedBefore, burn, jkt_of
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.kit.clock import now


class InvalidProof(OAuth2Error):
    """A proof of possession that is missing or does not hold (RFC 9449, 5)."""

    error = "invalid_dpop_proof"  # type: ignore[assignment]


class Validator(AuthenticatesClients):
    """Codes and tokens over our grants."""

    dialect = Dialect.STANDARD
    code_lifetime = timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS)

    # --- codes -------------------------------------------------------------------------------

    def _create_authorization_code(
        self, request: Any, code: dict[str, str], expires: Any = None
    ) -> AuthorizationCode:
        return AuthorizationCode.objects.create(
            grant_id=request.grant_id,
            application=request.client,
            code=checksum(code["code"]),
            dialect=self.dialect,
            expires=now() + self.code_lifetime,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge or "",
            code_challenge_method=request.code_challenge_method or "",
            jkt=getattr(request, "dpop_jkt", ""),
        )

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a code may be redeemed. One that was redeemed before burns what it minted
        (RFC 6749, 4.1.2), unless both requests came at the same moment."""
        rows = AuthorizationCode.objects.filter(code=checksum(code), application=client)
        row = rows.filter(dialect=self.dialect).first()
        if row is None:
            return False
        if row.used_at is not None:
            burn(row.grant_id, client)
            return False
        grant = _live(row.grant_id)
        if grant is None or row.is_expired():
            return False
        check_key(row.jkt, request)
        request.authorization_code, request.grant = row, grant
        request.scopes, request.user = row.scope.split(), grant.person
        return True

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        return request.authorization_code.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> str:
        return str(request.authorization_code.code_challenge_method)

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Client,
        request: Any,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """The address of the authorization request, again (RFC 6749, 4.1.3 and 5.2)."""
        if request.authorization_code.redirect_uri != redirect_uri:
            raise InvalidGrantError(request=request)
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Keep the row of a used code, so that its replay is known for one."""
        request.authorization_code.used_at = now()
        request.authorization_code.save(update_fields=["used_at", "updated"])

    # --- tokens ------------------------------------------------------------------------------

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a refresh token gets the next pair. Raises UsedBefore for one that already
        did."""
        # The grant is held still as well: whoever ends it waits, or is seen here.
        rows = RefreshToken.objects.select_for_update(of=["self", "grant"])
        mine = rows.filter(token_checksum=checksum(refresh_token), application=client)
        row = mine.select_related("grant__person").first()
        if row is None:
            return False
        if row.revoked is not None:
            raise UsedBefore(row, client, refresh_token, jkt_of(request))
        if not is_in_force(row):
            return False
        check_key(row.jkt, request)
        request.refresh_token, request.refresh_token_instance = refresh_token, row
        request.grant, request.user = row.grant, row.grant.person
        return True

    def get_original_scopes(
        self, refresh_token: str, request: Any, *args: Any, **kwargs: Any
    ) -> list[str]:
        """What was consented to; a refresh may narrow it, never widen it (RFC 6749, 6)."""
        return list(request.grant.scopes)

    def save_bearer_token(
        self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Mint a pair; what the grant had before dies. Nothing outlives the grant. With a proof
        of possession the tokens are bound to its key (RFC 9449, 5)."""
        grant, jkt = request.grant, jkt_of(request)
        _note_use(grant)
        grant.access_tokens.filter(revoked_at=None).update(revoked_at=now())
        grant.refresh_tokens.filter(revoked=None).update(revoked=now())
        expires = min(now() + timedelta(seconds=token["expires_in"]), grant.expires_at)
        token["expires_in"] = int((expires - now()).total_seconds()) + 1
        if Scope.TRADE in token["scope"].split():
            token["authorization_details"] = granted_by(grant)
        if jkt:
            token["token_type"] = "DPoP"
        access = AccessToken.objects.create(
            grant=grant,
            application=request.client,
            token_checksum=checksum(token["access_token"]),
            scope=token["scope"],
            expires=expires,
            jkt=jkt,
        )
        if token["scope"] == Scope.FAST_API:
            # One key is made with it at once; there is nothing to come back for.
            del token["refresh_token"]
            return
        RefreshToken.objects.create(
            grant=grant,
            application=request.client,
            token_checksum=checksum(token["refresh_token"]),
            access_token=access,
            token_family=uuid4(),
            jkt=jkt if request.client.is_public else "",
        )
        if request.grant_type == "refresh_token":
            grace.remember(request.refresh_token, request.client, jkt, token)

    def revoke_token(
        self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Either token of the client's own ends its grant: the institution is done with it.
        Tokens of others are as unknown as invented ones (RFC 7009, 2.1 and 2.2)."""
        found = token_of(token, request.client)
        if found is not None:
            actor = f"client:{request.client.client_id}"
            end_for(EndedBy.INSTITUTION, found.grant_id, actor=actor)


def _note_use(grant: Grant) -> None:
    """Most refreshes come within a minute of other use, and need not write."""
    if grant.last_used_at is None or grant.last_used_at < now() - NOTED_EVERY:
        note_use(grant.pk)


def check_key(expected: str, request: Any) -> None:
    """Raise unless the proof that came along is the one that the client or the row asks for.

    InvalidProof (RFC 9449, 5) where one is missing, InvalidGrantError where its key is another.
    """
    jkt = jkt_of(request)
    if not jkt and (expected or request.client.dpop_required):
        raise InvalidProof("A DPoP proof is needed.", request=request)
    if expected and not hmac.compare_digest(expected, jkt):
        raise InvalidGrantError("It is bound to another key.", request=request)


def token_of(token: str, client: Client) -> AccessToken | RefreshToken | None:
    """A token by its text, if it was given to ``client``."""
    mine = {"token_checksum": checksum(token), "application": client}
    access = AccessToken.objects.filter(**mine).select_related("grant__person").first()
    return access or RefreshToken.objects.filter(**mine).select_related("grant__person").first()


def is_in_force(token: AccessToken | RefreshToken) -> bool:
    """Whether a token would still be taken, as far as it and its grant are concerned."""
    if isinstance(token, AccessToken):
        stands = token.revoked_at is None and token.expires > now()
    else:
        lifetime = timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS)
        stands = token.revoked is None and token.created + lifetime > now()
    return stands and token.grant.is_live and token.grant.person.is_active


def _live(grant_id: int) -> Grant | None:
    """The grant, held still until the transaction ends, if it stands and its person does."""
    rows = Grant.objects.select_for_update(of=["self"]).select_related("person")
    grant = rows.filter(pk=grant_id, state=GrantState.ACTIVE, expires_at__gt=now()).first()
    return grant if grant is not None and grant.person.is_active else None
