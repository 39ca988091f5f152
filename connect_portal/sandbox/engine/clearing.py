"""The money of one market: hold when an order comes, settle and take fees when it trades.

Whole numbers only. `Clearing` moves the money and nothing else; `matching` keeps the records.
A market keeps nothing for each account, whose balances many markets share: what trading costs is
mostly memory that has to be fetched.
"""

from connect_portal.sandbox.engine import fees
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.fees import Charge
from connect_portal.sandbox.engine.ledger import balance_of, wallet_of
from connect_portal.sandbox.engine.model import State
from connect_portal.sandbox.engine.units import Instrument

Fees = tuple[int, int]
"""What a match cost its maker and its taker; negative = a rebate in the other currency."""


class Clearing:
    """Holds and settles, out of the wallets of the market's two currencies.

    `as_maker` and `as_taker` are what an account is charged here, by its fee tier.
    """

    __slots__ = (
        "_accounts",
        "_house_base",
        "_house_quote",
        "as_maker",
        "as_taker",
        "base",
        "lot",
        "lot_value",
        "pair",
        "quote",
    )

    def __init__(self, pair: Instrument, state: State, house: str) -> None:
        self.pair, self.lot, self.lot_value = pair, pair.lot, pair.lot_value
        self.base, self.quote = wallet_of(state, pair.base), wallet_of(state, pair.quote)
        self.as_maker, self.as_taker = fees.schedules(pair)
        self._accounts = state.accounts
        self._house_base, self._house_quote = (
            balance_of(wallet, house) for wallet in (self.base, self.quote)
        )

    def needed(self, buys: bool, px: int, lots: int) -> int:
        """What an order must hold, in units of the currency it pays with."""
        return px * lots * self.lot_value if buys else lots * self.lot

    def hold(self, uid: str, buys: bool, px: int, lots: int) -> None:
        """Set aside what an order needs. Refuses 51008 when the account does not have it."""
        if buys:
            balance, units = self.quote.get(uid), px * lots * self.lot_value
        else:
            balance, units = self.base.get(uid), lots * self.lot
        if balance is None or (left := balance.available - units) < 0:
            raise Refused("51008", self.pair.quote if buys else self.pair.base)
        balance.available = left
        balance.held += units

    def release(self, uid: str, buys: bool, px: int, lots: int) -> None:
        """Give back what so many lots of an order held."""
        if buys:
            balance, units = self.quote[uid], px * lots * self.lot_value
        else:
            balance, units = self.base[uid], lots * self.lot
        balance.held -= units
        balance.available += units

    def settle(
        self, maker: str, taker: str, taker_buys: bool, px: int, lots: int, taker_px: int = 0
    ) -> Fees:
        """Move the money of one match out of what both sides hold, less fees.

        A buyer whose limit `taker_px` was higher gets the better price's difference back.
        """
        of_maker = self.as_maker[self._accounts[maker].level]
        of_taker = self.as_taker[self._accounts[taker].level]
        if not taker_buys:
            return self._settle(maker, taker, px, lots, of_maker, of_taker)
        if taker_px > px:
            self.release(taker, True, taker_px - px, lots)
        to_buyer, to_seller = self._settle(taker, maker, px, lots, of_taker, of_maker)
        return to_seller, to_buyer

    def _settle(
        self,
        buyer: str,
        seller: str,
        px: int,
        lots: int,
        to_buyer: Charge,
        to_seller: Charge,
    ) -> Fees:
        """The same, told from the buyer's side."""
        ticks, goods = px * lots, lots * self.lot
        value = ticks * self.lot_value
        pays, gives = self.quote[buyer], self.base[seller]
        pays.held -= value
        gives.held -= goods
        gets, earns = balance_of(self.base, buyer), balance_of(self.quote, seller)
        if to_buyer.per_lot >= 0:
            bought = lots * to_buyer.per_lot
            gets.available += goods - bought
            self._house_base.available += bought
        else:
            bought = ticks * to_buyer.per_tick
            gets.available += goods
            pays.available -= bought
            self._house_quote.available += bought
        if to_seller.per_lot >= 0:
            sold = ticks * to_seller.per_tick
            earns.available += value - sold
            self._house_quote.available += sold
        else:
            sold = lots * to_seller.per_lot
            earns.available += value
            gives.available -= sold
            self._house_base.available += sold
        return bought, sold
