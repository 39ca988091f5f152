"""The money of one market: hold when an order comes, settle and take fees when it trades.

Whole numbers only. `Clearing` moves the money and nothing else; `matching` keeps the records.
"""

from collections.abc import Callable

from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.fees import BILLION, Rates
from connect_portal.sandbox.engine.ledger import Wallet, balance_of
from connect_portal.sandbox.engine.model import Balance
from connect_portal.sandbox.engine.units import Instrument

Charges = tuple[int, int]
"""What a match cost its maker and its taker; negative = a rebate in the other currency."""


class Seat:
    """An account at one market: where its money lies and what it is charged."""

    __slots__ = ("base", "maker_rate", "quote", "taker_rate", "uid")

    def __init__(self, uid: str, base: Balance, quote: Balance, rates: Rates) -> None:
        self.uid, self.base, self.quote = uid, base, quote
        self.maker_rate, self.taker_rate = rates


class Clearing:
    """Holds and settles. Everybody who trades here has a seat, made when first asked for."""

    def __init__(
        self,
        pair: Instrument,
        base: Wallet,
        quote: Wallet,
        house: str,
        rates_of: Callable[[str], Rates],
    ) -> None:
        self.pair, self.lot, self.lot_value = pair, pair.lot, pair.lot_value
        self._base, self._quote, self._rates_of = base, quote, rates_of
        self._seats: dict[str, Seat] = {}
        self._house_base, self._house_quote = balance_of(base, house), balance_of(quote, house)

    def seat(self, uid: str) -> Seat:
        """The seat of an account."""
        found = self._seats.get(uid)
        if found is None:
            base, quote = balance_of(self._base, uid), balance_of(self._quote, uid)
            found = self._seats[uid] = Seat(uid, base, quote, self._rates_of(uid))
        return found

    def rate(self, uid: str, rates: Rates) -> None:
        """Charge the account by other rates from now on."""
        if uid in self._seats:
            self._seats[uid].maker_rate, self._seats[uid].taker_rate = rates

    def needed(self, buys: bool, px: int, lots: int) -> int:
        """What an order must hold, in units of the currency it pays with."""
        return px * lots * self.lot_value if buys else lots * self.lot

    def hold(self, seat: Seat, buys: bool, px: int, lots: int) -> None:
        """Set aside what an order needs. Refuses 51008 when the account does not have it."""
        if buys:
            balance, units = seat.quote, px * lots * self.lot_value
        else:
            balance, units = seat.base, lots * self.lot
        if balance.available < units:
            raise Refused("51008", self.pair.quote if buys else self.pair.base)
        balance.available -= units
        balance.held += units

    def release(self, seat: Seat, buys: bool, px: int, lots: int) -> None:
        """Give back what so many lots of an order held."""
        if buys:
            balance, units = seat.quote, px * lots * self.lot_value
        else:
            balance, units = seat.base, lots * self.lot
        balance.held -= units
        balance.available += units

    def settle(
        self, maker: Seat, taker: Seat, taker_buys: bool, px: int, lots: int, taker_px: int = 0
    ) -> Charges:
        """Move the money of one match out of what both sides hold, less fees.

        A buyer whose limit `taker_px` was higher gets the better price's difference back.
        """
        value, goods = px * lots * self.lot_value, lots * self.lot
        if taker_buys:
            money, coins = taker.quote, maker.base
            money.held -= value
            coins.held -= goods
            if taker_px > px:
                better = (taker_px - px) * lots * self.lot_value
                money.held -= better
                money.available += better
            if (rate := maker.maker_rate) >= 0:
                fee = -(-value * rate // BILLION)
                maker.quote.available += value - fee
                self._house_quote.available += fee
            else:
                fee = self._rebate(rate, value, goods, maker.quote, coins, self._house_base)
            if (rate := taker.taker_rate) >= 0:
                paid = -(-goods * rate // BILLION)
                taker.base.available += goods - paid
                self._house_base.available += paid
            else:
                paid = self._rebate(rate, goods, value, taker.base, money, self._house_quote)
            return fee, paid
        money, coins = maker.quote, taker.base
        money.held -= value
        coins.held -= goods
        if (rate := maker.maker_rate) >= 0:
            fee = -(-goods * rate // BILLION)
            maker.base.available += goods - fee
            self._house_base.available += fee
        else:
            fee = self._rebate(rate, goods, value, maker.base, money, self._house_quote)
        if (rate := taker.taker_rate) >= 0:
            paid = -(-value * rate // BILLION)
            taker.quote.available += value - paid
            self._house_quote.available += paid
        else:
            paid = self._rebate(rate, value, goods, taker.quote, coins, self._house_base)
        return fee, paid

    def _rebate(
        self, rate: int, received: int, given: int, gets: Balance, gave: Balance, house: Balance
    ) -> int:
        """Credit all that was received, and a rebate in what was given; minus the rebate."""
        rebate = given * -rate // BILLION
        gets.available += received
        gave.available += rebate
        house.available -= rebate
        return -rebate
