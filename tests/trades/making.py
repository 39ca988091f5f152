"""Makes fills and bound accounts for the tests of this room."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from connect_portal.authorizations.models import Binding, VenueAccount
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials, VenueFill

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def bound_account(
    owner: Person, *institutions: Institution, uid: str = "7001", since: datetime = NOON
) -> VenueAccount:
    """A venue account with one working key for each institution, bound at ``since``."""
    account, _ = VenueAccount.objects.get_or_create(venue="sandbox", uid=uid, owner=owner)
    for institution in institutions:
        binding = Binding(
            venue_account=account,
            institution=institution,
            state="bound",
            permissions=["read_only"],
            probed_at=since,
            bound_at=since,
        )
        binding.keep(Credentials(str(uuid4()), "secret", "passphrase"))
        binding.save()
    return account


def fill(number: int, **changes: Any) -> VenueFill:
    """The fill with bill number ``number``: 0.01 BTC at 1000 USDT, a minute after noon."""
    facts: dict[str, Any] = {
        "bill_id": str(number),
        "trade_id": str(500 + number),
        "order_id": str(9000 + number),
        "client_order_id": f"c{number}",
        "instrument": "BTC-USDT",
        "quote_currency": "USDT",
        "side": "sell",
        "price": Decimal(1000),
        "size": Decimal("0.01"),
        "fee": Decimal("-0.035"),
        "fee_currency": "USDT",
        "liquidity": "taker",
        "tag": "ACMEcode1",
        "filled_at": NOON + timedelta(minutes=1, seconds=number),
    }
    return VenueFill(**(facts | changes))
