"""What an authorization request asks for beyond its scopes: RFC 9396, in one type of ours.

``[{"type": "connect_trading", "pairs": ["BTC-USDT"], "most_per_order_usd": "500",
"most_per_day_usd": "2000", "days": 90}]``. Every member but the type may be left out; amounts are
strings. What is not exactly this is refused, never guessed at (RFC 9396, 5).
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from connect_portal.authorizations.limits import NO_LIMITS, Limits
from connect_portal.authorizations.models import Grant
from connect_portal.kit.clock import now
from connect_portal.kit.money import plain

TYPE: Final = "connect_trading"
MOST_DAYS: Final = 365
_UNSAID: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
"""What an error_description must not hold (RFC 6749, 4.1.2.1)."""

_Pair = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{1,15}-[A-Z0-9]{1,15}\Z")]
_Amount = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?\Z")]


class InvalidAuthorizationDetails(OAuth2Error):
    """They cannot be read, or ask for what we do not know (RFC 9396, 5)."""

    error = "invalid_authorization_details"  # type: ignore[assignment]


class _Trading(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["connect_trading"]
    pairs: Annotated[list[_Pair], msgspec.Meta(min_length=1, max_length=100)] | None = None
    most_per_order_usd: _Amount | None = None
    most_per_day_usd: _Amount | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The limits within which an institution wants to act, and for how many days; None: it leaves
    that to the person."""

    limits: Limits = NO_LIMITS
    days: int | None = None


NOTHING_MORE: Final = Wanted()


def wanted_by(request: Request) -> Wanted:
    """The details in an authorization request; without any, nothing is limited.

    Raises InvalidAuthorizationDetails, which goes back to the client.
    """
    text: str | None = getattr(request, "authorization_details", None)
    if text is None:
        return NOTHING_MORE
    try:
        (asked,) = msgspec.json.decode(text, type=tuple[_Trading])
        return Wanted(_limits(asked), asked.days)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        said = _UNSAID.sub("?", str(error))[:200]
        raise InvalidAuthorizationDetails(description=said, request=request) from error


def granted_by(grant: Grant) -> list[dict[str, Any]]:
    """What was granted in the end, as the token's answer tells it (RFC 9396, 7)."""
    days = max((grant.expires_at - now()).days, 0) + 1
    told: dict[str, Any] = {"type": TYPE, "days": min(days, MOST_DAYS)}
    if grant.pairs:
        told["pairs"] = list(grant.pairs)
    if grant.most_per_order is not None:
        told["most_per_order_usd"] = plain(grant.most_per_order)
    if grant.most_per_day is not None:
        told["most_per_day_usd"] = plain(grant.most_per_day)
    return [told]


def _limits(asked: _Trading) -> Limits:
    pairs = frozenset(asked.pairs or ())
    if len(pairs) < len(asked.pairs or ()):
        raise ValueError("A pair came twice.")
    return Limits(pairs, _amount(asked.most_per_order_usd), _amount(asked.most_per_day_usd))


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    amount = Decimal(text)
    if not amount:
        raise ValueError("An amount must be above zero.")
    return amount
