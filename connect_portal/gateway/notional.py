"""What an order is worth in US dollars, for the limits of a grant. Pure Python.

- A limit order counts size x price; a sell at the higher of its price and the market's, for it can
  only be filled at its price or better.
- A market order counts its size at the market's price and 5 % more; one sized in quote money counts
  that amount.
- The market's price is the last one, or the best of the other side of the book where that is
  higher: in a thin book the last price says little of what an order will pay.
- Quote money counts by the last price of its USD pair; the dollar's own tokens (USDT, USDC and
  their kin, `facts.DOLLARS`) count as dollars.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Final

from connect_portal.gateway.errors import Refused

CENTS: Final = Decimal("1e-8")
"""To what part of a dollar worth is kept, rounded up."""
MARKET_MARGIN: Final = Decimal("1.05")
PRICED: Final = ("limit", "post_only", "fok", "ioc")
MOST: Final = Decimal(10) ** 15
"""No limit is higher, and no column overflows below it."""
_SPOT: Final = re.compile(r"[A-Z0-9]{1,16}-[A-Z0-9]{1,16}", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order item says of money, as sent: texts that nobody has checked. An amendment's
    new price and size stand in ``price`` and ``size``, "" where it leaves them."""

    side: str
    kind: str
    price: str
    size: str
    unit: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A pair's last price, best ask and best bid, None where there is none, and what its quote
    money is in USD."""

    last: Decimal | None
    usd: Decimal
    ask: Decimal | None = None
    bid: Decimal | None = None

    def met_by(self, side: str) -> Decimal | None:
        """The price at which an order of this side counts; None where there is no market."""
        best = self.ask if side == "buy" else self.bid
        return max(filter(None, (self.last, best)), default=None)


def quote_currency(instrument: str) -> str:
    """The money that prices of a spot pair are in. Raises Refused (50027) for anything else, whose
    sizes may count contracts."""
    if not _SPOT.fullmatch(instrument):
        raise Refused("50027", "anything but spot pairs")
    return instrument.partition("-")[2]


def of_order(terms: Terms, quote: Quote) -> Decimal:
    """A new order's worth in USD. Raises Refused (51000) for what cannot be told for certain."""
    if terms.side not in ("buy", "sell"):
        raise Refused("51000", "side")
    size = _amount(terms.size, "sz")
    if terms.kind == "market":
        return _capped(_market(terms, size, quote) * quote.usd)
    if terms.kind not in PRICED:
        raise Refused("51000", "ordType")
    return of_limit(terms.side, _amount(terms.price, "px"), size, quote)


def amended(terms: Terms, price: Decimal, size: Decimal) -> tuple[Decimal, Decimal]:
    """The price and size of an open order once it is amended so. Raises Refused (51000)."""
    return (
        _amount(terms.price, "newPx") if terms.price else price,
        _amount(terms.size, "newSz") if terms.size else size,
    )


def _market(terms: Terms, size: Decimal, quote: Quote) -> Decimal:
    """In quote money. A market buy is sized in it unless said otherwise
    (https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order, tgtCcy)."""
    unit = terms.unit or ("quote_ccy" if terms.side == "buy" else "base_ccy")
    if unit == "quote_ccy":
        return size
    if unit != "base_ccy":
        raise Refused("51000", "tgtCcy")
    price = quote.met_by(terms.side)
    if price is None:
        raise Refused("51000", "ordType: the pair has no price yet")
    return size * price * MARKET_MARGIN


def of_limit(side: str, price: Decimal, size: Decimal, quote: Quote) -> Decimal:
    """An order with a price, in USD."""
    worst = price if side == "buy" else max(price, quote.met_by(side) or price)
    return _capped(worst * size * quote.usd)


def _amount(text: str, name: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise Refused("51000", name)
    return Decimal(text)


def _capped(worth: Decimal) -> Decimal:
    return min(worth, MOST).quantize(CENTS, ROUND_UP)
