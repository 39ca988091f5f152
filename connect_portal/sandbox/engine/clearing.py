"""The money of one market: hold when an order comes, settle and take fees when it trades.

Whole numbers only. `Clearing` moves the money and nothing else; `matching` keeps the records.
"""

from connect_portal.sandbox.engine import fees
from connect_portal.sandbox.engine.book import Book
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.fees import BILLION, Rates
from connect_portal.sandbox.engine.ledger import Wallet, balance_of, release
from connect_portal.sandbox.engine.model import Balance, BookOrder
from connect_portal.sandbox.engine.units import Instrument


class Clearing:
    """Settles what a book matches. `rates` are those of accounts above the first tier."""

    def __init__(
        self, pair: Instrument, book: Book, base: Wallet, quote: Wallet, house: str
    ) -> None:
        self.pair, self.book = pair, book
        self.base, self.quote = base, quote
        self.lot, self.lot_value = pair.lot, pair.lot_value
        self.regular: Rates = fees.rates(fees.REGULAR, pair.group)
        self.rates: dict[str, Rates] = {}
        self.house_base, self.house_quote = balance_of(base, house), balance_of(quote, house)

    def hold(self, order: BookOrder) -> None:
        """Set aside what a limit order needs. Refuses 51008 when the account does not have it."""
        if order.buys:
            balance, units = self.quote.get(order.uid), order.px * order.open_lots * self.lot_value
        else:
            balance, units = self.base.get(order.uid), order.open_lots * self.lot
        if balance is None or balance.available < units:
            raise Refused("51008", self.pair.quote if order.buys else self.pair.base)
        balance.available -= units
        balance.held += units
        order.hold = units

    def available(self, order: BookOrder) -> int:
        """What the account has left of the currency that the order pays with."""
        balance = (self.quote if order.buys else self.base).get(order.uid)
        return balance.available if balance else 0

    def let_go(self, order: BookOrder) -> None:
        """Give back what an order that ended still holds."""
        balance = (self.quote if order.buys else self.base)[order.uid]
        balance.held -= order.hold
        balance.available += order.hold
        order.hold = 0

    def change_hold(self, order: BookOrder, units: int) -> None:
        """Hold more or less for the same order. Refuses 51008."""
        wallet = self.quote if order.buys else self.base
        more = units - order.hold
        balance = wallet[order.uid]
        if balance.available < more:
            raise Refused("51008", self.pair.quote if order.buys else self.pair.base)
        release(wallet, order.uid, -more)
        order.hold = units

    def affordable(self, taker: BookOrder, px: int) -> int:
        """Lots that the order still wants and can pay for at `px` out of what it holds."""
        cost = px * self.lot_value
        lots = min(taker.open_lots, taker.hold // (cost if taker.buys else self.lot))
        return lots if taker.budget < 0 else min(lots, taker.budget // cost)

    def prevent(self, taker: BookOrder, maker: BookOrder) -> bool:
        """Self-trade prevention by the taker's mode."""
        if taker.stp == "cancel_taker":
            return False
        self.book.remove(maker)
        self.let_go(maker)
        maker.open_lots = 0
        return taker.stp == "cancel_maker"

    def trade(self, taker: BookOrder, maker: BookOrder, px: int, lots: int) -> None:
        """Move the money of one match."""
        self.settle(taker, maker, px, lots)

    def settle(
        self, taker: BookOrder, maker: BookOrder, px: int, lots: int
    ) -> tuple[Rates, int, int]:
        """Pay both sides out of their holds, less fees; the better price goes back to the buyer.

        Returns the (maker, taker) rates used and what the maker and the taker were charged: units
        of the currency received, or when negative a rebate in units of the other currency.
        """
        value, goods = px * lots * self.lot_value, lots * self.lot
        buyer, seller = (taker, maker) if taker.buys else (maker, taker)
        used = (
            self.rates.get(maker.uid, self.regular)[0],
            self.rates.get(taker.uid, self.regular)[1],
        )
        buyer_rate, seller_rate = used[::-1] if taker.buys else used
        pays, gets = self.quote[buyer.uid], self.base.get(buyer.uid)
        if gets is None:
            gets = balance_of(self.base, buyer.uid)
        sells, earns = self.base[seller.uid], self.quote.get(seller.uid)
        if earns is None:
            earns = balance_of(self.quote, seller.uid)

        held = buyer.px * lots * self.lot_value if buyer.px else value
        buyer.hold -= held
        pays.held -= held
        pays.available += held - value
        seller.hold -= goods
        sells.held -= goods

        gets.available += goods
        earns.available += value
        buyer_fee = _fee(buyer_rate, goods, value, gets, pays, self.house_base, self.house_quote)
        seller_fee = _fee(
            seller_rate, value, goods, earns, sells, self.house_quote, self.house_base
        )
        if taker.budget >= 0:
            taker.budget -= value
        return (used, seller_fee, buyer_fee) if taker.buys else (used, buyer_fee, seller_fee)


def _fee(
    rate: int,
    received: int,
    given: int,
    received_in: Balance,
    given_in: Balance,
    house_received: Balance,
    house_given: Balance,
) -> int:
    """Charge a fee in what was received, or pay a rebate in what was given."""
    if rate >= 0:
        fee = -(-received * rate // BILLION)
        received_in.available -= fee
        house_received.available += fee
        return fee
    rebate = given * -rate // BILLION
    given_in.available += rebate
    house_given.available -= rebate
    return -rebate
