"""The money of one market: hold when an order comes, settle and take fees when it trades.

Whole numbers only. `Clearing` moves the money and nothing else; `matching` keeps the records.
A market keeps nothing for each account, whose wallets many markets share: what trading costs is
mostly memory that has to be fetched.
"""

from collections.abc import Sequence

from connect_portal.sandbox.engine import fees
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.ledger import HOUSE_NUMBER, wallet_of
from connect_portal.sandbox.engine.model import Account, State
from connect_portal.sandbox.engine.units import Instrument

Fees = tuple[int, int]
"""What a match cost its maker and its taker; negative = a rebate in the other currency."""


class Clearing:
    """Holds and settles, out of the wallets of the market's two currencies.

    People are account numbers here, `accounts` in their order. `as_maker` and `as_taker` are what
    an account is charged, by its fee tier.
    """

    __slots__ = ("_accounts", "as_maker", "as_taker", "base", "lot", "lot_value", "pair", "quote")

    def __init__(self, pair: Instrument, state: State, accounts: Sequence[Account]) -> None:
        self.pair, self.lot, self.lot_value = pair, pair.lot, pair.lot_value
        self.base, self.quote = wallet_of(state, pair.base), wallet_of(state, pair.quote)
        self.as_maker, self.as_taker = fees.schedules(pair)
        self._accounts = accounts

    def needed(self, buys: bool, px: int, lots: int) -> int:
        """What an order must hold, in units of the currency it pays with."""
        return px * lots * self.lot_value if buys else lots * self.lot

    def hold(self, owner: int, buys: bool, px: int, lots: int) -> None:
        """Set aside what an order needs. Refuses 51008 when the account does not have it."""
        if buys:
            wallet, units = self.quote, px * lots * self.lot_value
        else:
            wallet, units = self.base, lots * self.lot
        left = wallet.available[owner] - units
        if left < 0:
            raise Refused("51008", self.pair.quote if buys else self.pair.base)
        wallet.available[owner] = left
        wallet.held[owner] += units

    def release(self, owner: int, buys: bool, px: int, lots: int) -> None:
        """Give back what so many lots of an order held."""
        if buys:
            wallet, units = self.quote, px * lots * self.lot_value
        else:
            wallet, units = self.base, lots * self.lot
        wallet.held[owner] -= units
        wallet.available[owner] += units

    def settle(
        self, maker: int, taker: int, taker_buys: bool, px: int, lots: int, taker_px: int = 0
    ) -> Fees:
        """Move the money of one match out of what both sides hold, less fees.

        A buyer whose limit `taker_px` was higher gets the better price's difference back.
        """
        of_maker = self.as_maker[self._accounts[maker].level]
        of_taker = self.as_taker[self._accounts[taker].level]
        if taker_buys:
            buyer, seller, to_buyer, to_seller = taker, maker, of_taker, of_maker
            if taker_px > px:
                self.release(taker, True, taker_px - px, lots)
        else:
            buyer, seller, to_buyer, to_seller = maker, taker, of_maker, of_taker
        base, quote = self.base.available, self.quote.available
        ticks, goods = px * lots, lots * self.lot
        value = ticks * self.lot_value
        self.quote.held[buyer] -= value
        self.base.held[seller] -= goods
        if to_buyer.rate >= 0:
            bought = lots * to_buyer.per_lot
            base[buyer] += goods - bought
            base[HOUSE_NUMBER] += bought
        else:
            bought = ticks * to_buyer.per_tick
            base[buyer] += goods
            quote[buyer] -= bought
            quote[HOUSE_NUMBER] += bought
        if to_seller.rate >= 0:
            sold = ticks * to_seller.per_tick
            quote[seller] += value - sold
            quote[HOUSE_NUMBER] += sold
        else:
            sold = lots * to_seller.per_lot
            quote[seller] += value
            base[seller] -= sold
            base[HOUSE_NUMBER] += sold
        return (sold, bought) if taker_buys else (bought, sold)
