"""Whom an access token speaks for: read by the gateway on every request, so a grant that ended is
refused on the very next one.

The ORM writes the statement once per process; it may be run by Django or on an event loop. One
index is read, and a key is decrypted once while its row stays as it is.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import F, FilteredRelation, Q, QuerySet

from connect_portal.authorizations.enums import GrantState, Scope
from connect_portal.authorizations.errors import (
    TokenExpired,
    TokenFrozen,
    TokenRefused,
    TokenRevoked,
    TokenTooNarrow,
)
from connect_portal.authorizations.limits import Limits
from connect_portal.authorizations.models import FOR_FAST_API, AccessToken, Binding, Grant
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.institutions.enums import WORKING_CODES
from connect_portal.kit.clock import now
from connect_portal.kit.databases import AsyncDatabase
from connect_portal.kit.secrets import SealBroken
from connect_portal.venue.types import AccountKey, Environment

log = logging.getLogger(__name__)

_KEYS_KEPT: Final = 1_024
_ANY: Final = "token_checksum"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a valid access token speaks for, with which key at the venue, and who may carry it.

    ``jkt`` is the thumbprint of the key it is bound to (RFC 9449), "" when it is bound to none;
    ``addresses`` are the servers that may use it, in CIDR notation, none meaning any. It holds for
    as long as its row is what was ``seen``, and not beyond ``good_until``.
    """

    grant_id: int
    institution_id: int
    account_id: int
    uid: str
    scopes: frozenset[str]
    connect_code: str
    credentials: AccountKey
    person_id: int
    limits: Limits
    jkt: str
    addresses: tuple[str, ...]
    environment: Environment
    seen: str
    good_until: datetime

    @property
    def account(self) -> "Account":
        """The way into its account."""
        return Account(self.credentials, self.environment)


class _Row(NamedTuple):
    """A token with all that its answer depends on. The names are paths from an access token."""

    scope: str
    expires: datetime
    revoked_at: datetime | None
    code_in_use: str | None
    grant__id: int
    grant__institution_id: int
    grant__person_id: int
    grant__person__is_active: bool
    grant__state: str
    grant__expires_at: datetime
    grant__pairs: list[str]
    grant__most_per_order: Any
    grant__most_per_day: Any
    grant__sealed_credentials: bytes | None
    grant__credentials_place: UUID
    grant__token_expires_at: datetime | None
    grant__bound_key__sealed_credentials: bytes | None
    grant__bound_key__credentials_place: UUID | None
    grant__venue_account_id: int
    grant__venue_account__uid: str
    grant__venue_account__environment: str
    jkt: str
    grant__client__addresses: list[str]


@dataclass(frozen=True, slots=True)
class FastBearer:
    """Whom a valid access token for Fast API speaks for, and who may carry it; no key of ours
    stands behind it."""

    grant_id: int
    jkt: str
    addresses: tuple[str, ...]


def fast_bearer(token: str) -> FastBearer:
    """What an access token may have a key made for. Raises TokenTooNarrow beside the others."""
    row = _standing(_rows_of(checksum(token)).first())
    if row.scope != Scope.FAST_API:
        raise TokenTooNarrow(scope=Scope.FAST_API)
    return FastBearer(row.grant__id, row.jkt, tuple(row.grant__client__addresses))


def bearer(token: str) -> Bearer:
    """What an access token opens now.

    Raises TokenRefused or its kin TokenExpired, TokenRevoked, TokenFrozen, TokenTooNarrow, each
    with the number of the v5 wire in ``venue_code``.
    """
    return _opened(_rows_of(checksum(token)).first())


async def bearer_on(database: AsyncDatabase, token: str) -> Bearer:
    """The same on an event loop."""
    rows_sql, values = row_of(token)
    rows = await database.read(f"SELECT token.*, md5(token::text) FROM ({rows_sql}) token", values)
    return _opened(rows[0][:-1], rows[0][-1]) if rows else _opened(None)


def row_of(token: str) -> tuple[LiteralString, dict[str, Any]]:
    """A query for the row of a token, and its values, for a statement that goes on only while the
    row is what was ``seen``: the MD5 of its text."""
    sql, values = _statement(settings.VENUE_NAME)
    return sql, values | {_ANY: checksum(token)}


def bearers(tokens: Collection[str]) -> dict[str, Bearer | TokenRefused]:
    """What each of the access tokens opens now, or why it opens nothing, by one read for all."""
    digests = {checksum(token): token for token in tokens}
    rows = _rows().filter(token_checksum__in=digests)
    found = {one[0]: one[1:] for one in rows.values_list("token_checksum", *_Row._fields)}
    return {token: _opened_or_not(found.get(digest)) for digest, token in digests.items()}


def _opened_or_not(found: tuple[Any, ...] | None) -> Bearer | TokenRefused:
    try:
        return _opened(found)
    except TokenRefused as refused:
        return refused


@cache
def _statement(venue: str) -> tuple[LiteralString, dict[str, Any]]:
    """The query and its values by name for the ``venue``; that of `_ANY` is the checksum."""
    sql, values = _rows_of(_ANY).query.sql_with_params()
    names = [_ANY if value == _ANY else f"token{place}" for place, value in enumerate(values)]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


def _rows_of(digest: str) -> QuerySet[AccessToken, tuple[Any, ...]]:
    """The row of a token."""
    return _rows().filter(token_checksum=digest).order_by().values_list(*_Row._fields)


def _rows() -> QuerySet[AccessToken]:
    """Tokens with the institution's code in use."""
    codes = "grant__institution__codes"
    here = Q(**{f"{codes}__venue": settings.VENUE_NAME, f"{codes}__state__in": WORKING_CODES})
    rows = AccessToken.objects.annotate(used_code=FilteredRelation(codes, condition=here))
    return rows.annotate(code_in_use=F("used_code__code"))


def _standing(found: tuple[Any, ...] | None) -> _Row:
    """The row of a token that is good, whatever for."""
    if found is None:
        raise TokenRefused()
    row = _Row._make(found)
    if row.grant__state == GrantState.ENDED or row.revoked_at is not None:
        raise TokenRevoked()
    if min(row.expires, row.grant__expires_at) <= now():
        raise TokenExpired()
    if row.code_in_use is None or not row.grant__person__is_active:
        raise TokenFrozen()
    return row


def _opened(found: tuple[Any, ...] | None, seen: str = "") -> Bearer:
    row = _standing(found)
    if row.scope == Scope.FAST_API:
        raise TokenTooNarrow(scope=Scope.READ_ONLY)
    credentials = _key_of(row)
    if row.code_in_use is None or credentials is None:
        raise TokenFrozen()
    return Bearer(
        grant_id=row.grant__id,
        institution_id=row.grant__institution_id,
        account_id=row.grant__venue_account_id,
        uid=row.grant__venue_account__uid,
        scopes=frozenset(row.scope.split()),
        connect_code=row.code_in_use,
        credentials=credentials,
        person_id=row.grant__person_id,
        limits=Limits(
            frozenset(row.grant__pairs), row.grant__most_per_order, row.grant__most_per_day
        ),
        jkt=row.jkt,
        addresses=tuple(row.grant__client__addresses),
        environment=Environment(row.grant__venue_account__environment),
        seen=seen,
        good_until=min(row.expires, row.grant__expires_at),
    )


def _key_of(row: _Row) -> AccountKey | None:
    try:
        if (place := row.grant__bound_key__credentials_place) is not None:
            return _unsealed_binding(bytes(row.grant__bound_key__sealed_credentials or b""), place)
        sealed = bytes(row.grant__sealed_credentials or b"")
        return _unsealed(sealed, row.grant__credentials_place, row.grant__token_expires_at)
    except SealBroken:
        log.error("grant:%s: our copy of its key does not open", row.grant__id)
        return None


@lru_cache(maxsize=_KEYS_KEPT)
def _unsealed(sealed: bytes, place: UUID, expires_at: datetime | None) -> AccountKey:
    """Decrypted once per version of its row; what is remembered opens nothing by itself, since the
    row is read anew each time."""
    row = Grant(sealed_credentials=sealed, credentials_place=place, token_expires_at=expires_at)
    return row.account_key()


@lru_cache(maxsize=_KEYS_KEPT)
def _unsealed_binding(sealed: bytes, place: UUID) -> AccountKey:
    """The same of the bound key that a grant rests on."""
    return Binding(sealed_credentials=sealed, credentials_place=place).credentials()


@dataclass(frozen=True, slots=True)
class Account:
    """A way into the account behind a grant."""

    credentials: AccountKey
    environment: Environment


def accounts_behind(grant_ids: Collection[int]) -> dict[int, Account]:
    """The keys of grants that still have one, for looking after what they left behind."""
    active = Grant.objects.filter(pk__in=grant_ids, state=GrantState.ACTIVE)
    rows = active.exclude(FOR_FAST_API).select_related("venue_account", "bound_key")
    found = {}
    for grant in rows:
        try:
            key = grant.account_key()
        except SealBroken:
            continue
        found[grant.pk] = Account(key, Environment(grant.venue_account.environment))
    return found
