"""The states of bindings and grants, what a grant may allow, what the faucet gives, and the audit
tags of this room."""

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from typing import Final

from django.db import models

from connect_portal.people.enums import StaffRole

STANDING_TOPIC: Final = "authorizations"
"""The feed topic that rings when the set of live connections changes."""


class BindingState(models.TextChoices):
    """The life of a binding. While it is live, fills of its account are synced and attributed."""

    BOUND = "bound", "Working"
    DEGRADED = "degraded", "Key refused by the venue"
    QUARANTINED = "quarantined", "Put aside for safety"
    UNBOUND = "unbound", "Ended"


LIVE_STATES = (BindingState.BOUND, BindingState.DEGRADED)
"""States in which the end user's leave stands; a degraded key still authorizes, it cannot sync."""


class GrantState(models.TextChoices):
    """The life of a grant; an active one may have run out all the same."""

    ACTIVE = "active", "Working"
    ENDED = "ended", "Ended"


class Dialect(models.TextChoices):
    """In whose words an institution speaks OAuth; a code is redeemed in those it was asked in."""

    STANDARD = "standard", "RFC 6749"
    OKX = "okx", "OKX"


class RedirectState(models.TextChoices):
    """How far an address that an institution asked for has come."""

    ASKED = "asked", "With our technical staff"
    PROPOSED = "proposed", "With your account manager"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"


OPEN_REDIRECTS = (RedirectState.ASKED, RedirectState.PROPOSED)
"""Addresses about which somebody has yet to decide."""
REDIRECT_PARTS: Final = {
    RedirectState.ASKED: StaffRole.TECHNICAL,
    RedirectState.PROPOSED: StaffRole.ACCOUNT_MANAGER,
}
"""Who takes an address one step further."""


class EndingState(models.TextChoices):
    """What became of a proposal to end every connection of an institution."""

    PROPOSED = "proposed", "Waits for an account manager"
    CONFIRMED = "confirmed", "All were ended"
    DECLINED = "declined", "Declined"


class RebateType(models.TextChoices):
    """What `broker/fd/if-rebate` answers about a user, in the venue's numbers
    (https://www.okx.com/docs-v5/broker_en/)."""

    EARNS = "0", "It pays a rebate"
    OVER = "1", "The institution's code has expired at the exchange"
    CAPPED = "2", "This user's rebates have reached their monthly cap"
    TIER = "3", "It pays none for users of this tier"
    MANAGED = "4", "It pays none for managed sub-accounts"


class EndedBy(models.TextChoices):
    """Why a grant or a binding is over."""

    USER = "user", "Ended by you"
    SUPERSEDED = "superseded", "Replaced by a newer one"
    EXPIRED = "expired", "Ran out"
    INSTITUTION = "institution", "Ended by the institution"
    EXCHANGE = "exchange", "Ended by the exchange"
    VENUE = "venue", "Its key was refused by the venue"
    REPLAY = "replay", "Ended for safety: a used code or token came again"


class Scope(models.TextChoices):
    """What an institution may ask for. Withdrawing is not among it, and never will be."""

    READ_ONLY = "read_only", "See balances, orders and fills"
    TRADE = "trade", "Place and cancel orders"
    FAST_API = "fast_api", "Make one API key for itself"


OVER_THE_GATEWAY: Final = (Scope.READ_ONLY, Scope.TRADE)
"""What a token can be used for; ``fast_api`` opens nothing but the making of a key."""


class News(models.TextChoices):
    """What a letter about a grant or a binding tells."""

    CONSENTED = "consented", "Receipt of a consent, to the person"
    ENDED = "ended", "A person ended a connection, to the institution"
    UNBOUND = "unbound", "A person ended the binding of a key, to the institution"
    DEGRADED = "degraded", "The venue refuses a bound key, to the person"
    QUARANTINED = "quarantined", "A bound key was put aside, to the person"
    CLOSED = "closed", "The exchange ended a connection, to the person"
    LOST = "lost", "A grant ended because its key at the venue is gone, to the person"


def words_of(scopes: Collection[str]) -> str:
    """Scopes, or the permissions of a key, as people read them."""
    known = "; ".join(str(scope.label).lower() for scope in Scope if scope in scopes)
    others = [scope for scope in scopes if scope not in Scope.values]
    return "; ".join([*([known[0].upper() + known[1:]] if known else []), *others])


KINDS: Final = {
    "limit": "Limit",
    "market": "Market",
    "post_only": "Post only",
    "ioc": "Immediate or cancel",
    "fok": "Fill or kill",
}
"""The types of an order, as people read them."""
GIFTS: Final[dict[str, Decimal]] = {
    "USDT": Decimal(10_000),
    "USDC": Decimal(10_000),
    "BTC": Decimal("0.1"),
    "ETH": Decimal(3),
    "SOL": Decimal(50),
    "XRP": Decimal(2_000),
}
"""What one gift of the faucet is, by currency: about as much to trade with, whichever is chosen."""
GIFTS_A_DAY: Final = 5
PLAY_MONEY: Final[dict[str, Decimal]] = {"USDT": Decimal(100_000), "BTC": Decimal(2)}
"""What a demo account has when a client's test begins."""


class Tag(StrEnum):
    """What this room writes into the trail."""

    BOUND = "authorizations:binding:bound"
    REPLACED = "authorizations:binding:replaced"
    DEGRADED = "authorizations:binding:degraded"
    RESTORED = "authorizations:binding:restored"
    QUARANTINED = "authorizations:binding:quarantined"
    UNBOUND = "authorizations:binding:unbound"
    CLIENT_OPENED = "authorizations:client:opened"
    CLIENT_CHANGED = "authorizations:client:changed"
    SECRET_MADE = "authorizations:client:secret_made"
    SECRET_REVOKED = "authorizations:client:secret_revoked"
    REDIRECT_ASKED = "authorizations:redirect:asked"
    REDIRECT_PROPOSED = "authorizations:redirect:proposed"
    REDIRECT_REFUSED = "authorizations:redirect:refused"
    REDIRECT_WITHDRAWN = "authorizations:redirect:withdrawn"
    REDIRECT_APPROVED = "authorizations:redirect:approved"
    ACCOUNT_ADOPTED = "authorizations:account:adopted"
    GRANTED = "authorizations:grant:granted"
    LIMITS_CHANGED = "authorizations:grant:limits_changed"
    GRANT_ENDED = "authorizations:grant:ended"
    ORDERS_CANCELED = "authorizations:grant:orders_canceled"
    ENDING_PROPOSED = "authorizations:ending:proposed"
    ENDING_DECLINED = "authorizations:ending:declined"
    ALL_ENDED = "authorizations:institution:connections_ended"
    PAGE_KEY_MADE = "authorizations:page_key:made"
    API_KEY_MADE = "authorizations:api_key:made"
    API_KEY_DELETED = "authorizations:api_key:deleted"
    MONEY_GIVEN = "authorizations:faucet:given"
