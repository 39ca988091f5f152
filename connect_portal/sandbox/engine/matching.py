"""Meeting the book, with records: each match becomes a print, two fills, their bills and moments.

Source of the rules: https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order and
the self-trade prevention page of the same documents.
"""

from typing import TYPE_CHECKING

from connect_portal.sandbox.engine import fees, ledger, tape
from connect_portal.sandbox.engine.book import (
    CANCEL_MAKER,
    CANCEL_TAKER,
    MAKERS_PER_TAKER,
    OPPOSITE,
    Book,
    Match,
)
from connect_portal.sandbox.engine.clearing import Clearing
from connect_portal.sandbox.engine.events import Billed, Traded
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account, Bill, Fill, Order
from connect_portal.sandbox.engine.units import ONE, Instrument

if TYPE_CHECKING:
    from connect_portal.sandbox.engine.world import World

BY_SYSTEM, BY_USER, BY_FOK, BY_IOC, BY_COUNTDOWN = "0", "1", "13", "14", "20"
BY_PRICE, BY_POST_ONLY, BY_SELF_TRADE, BY_MATCH_LIMIT = "15", "31", "32", "33"
TRADE_BILL, BOUGHT, SOLD = "2", "1", "2"
DAY_MS = 86_400_000


class Market:
    """One instrument: its book, its clearing, and who writes down what they do."""

    def __init__(self, world: "World", pair: Instrument) -> None:
        self.world, self.pair, self.book = world, pair, Book()
        self.clearing = Clearing(pair, world.state, world.numbered)

    def rest(self, order: Order) -> None:
        """Put an order that crosses nothing into the book."""
        self.book.place(order.order_id, order.buys, order.px, order.open_lots, order.owner)

    def place(self, order: Order) -> str:
        """Let a limit order that holds its money trade, and rest what is left.

        Returns why it must end early (`BY_SELF_TRADE`, `BY_MATCH_LIMIT`), "" when it may stay.
        """
        number, owner = order.order_id, order.owner
        lots = order.lots - order.filled
        matches = self.book.place(number, order.buys, order.px, lots, owner, order.stp)
        return self._carry_out(order, matches) if matches else ""

    def take(self, order: Order) -> str:
        """The same for an order of which nothing may rest; a market order has no price."""
        if not order.px:
            return self._take_at_any_price(order)
        number, owner, lots = order.order_id, order.owner, order.lots
        matches = self.book.take(number, order.buys, order.px, lots, owner, order.stp)
        return self._carry_out(order, matches)

    def _take_at_any_price(self, order: Order) -> str:
        """A market order: level by level, as many lots as its money allows at each."""
        book, left, side = self.book, MAKERS_PER_TAKER, OPPOSITE[order.side]
        while (px := book.best_price(side)) and (lots := self.affordable(order, px)):
            if order.worst and (px > order.worst if order.buys else px < order.worst):
                return BY_PRICE
            number, buys = order.order_id, order.buys
            matches = book.take(number, buys, px, lots, order.owner, order.stp, left)
            left -= len(matches)
            if end := self._carry_out(order, matches):
                return end
            if not left:
                return BY_MATCH_LIMIT
        return ""

    def affordable(self, order: Order, px: int) -> int:
        """Lots that a market order still wants and can pay for at `px` out of what it holds."""
        cost = px * self.pair.lot_value
        lots = order.hold // (cost if order.buys else self.pair.lot)
        return min(lots, order.lots - order.filled if order.budget < 0 else order.budget // cost)

    def held(self, order: Order) -> int:
        """What an order holds now, in units of the currency it pays with."""
        if not order.px:
            return order.hold
        return self.clearing.needed(order.buys, order.px, order.open_lots)

    def let_go(self, order: Order) -> None:
        """Give back what an order that ends still holds."""
        wallet = self.clearing.quote if order.buys else self.clearing.base
        ledger.release(wallet, order.owner, self.held(order))

    def _carry_out(self, taker: Order, matches: list[Match]) -> str:
        """Move the money of each match and record it; why the taker must end, if it must."""
        orders, end = self.world.state.orders, ""
        for maker, _, px, lots, _ in matches:
            if lots > 0:
                self._trade(taker, orders[maker], px, lots)
            elif taker.stp == CANCEL_TAKER:
                end = BY_SELF_TRADE
            else:
                self.world.outcome.books.add(self.pair.inst_id)
                finish(self.world, orders[maker], "canceled", BY_SELF_TRADE)
                end = "" if taker.stp == CANCEL_MAKER else BY_SELF_TRADE
        if len(matches) == MAKERS_PER_TAKER and taker.is_open and not end:
            return BY_MATCH_LIMIT
        return end

    def _trade(self, taker: Order, maker: Order, px: int, lots: int) -> None:
        """One match, on the tape and on both sides, the maker's first."""
        world, clearing, pair = self.world, self.clearing, self.pair
        accounts = world.numbered
        maker_fee, taker_fee = clearing.settle(
            maker.owner, taker.owner, taker.buys, px, lots, taker.px
        )
        if not taker.px:
            _spend(taker, clearing.needed(taker.buys, px, lots), px * lots * pair.lot_value)
        its_trade = tape.record(
            world.state.tapes[pair.inst_id], pair, px, lots, taker.buys, world.now
        )
        rebate = max(0, -maker_fee)
        if not maker.buys:
            rebate = rebate * px * pair.tick // ONE
        sides = (
            (maker, "M", clearing.as_maker[accounts[maker.owner].level].rate, maker_fee, 0),
            (taker, "T", clearing.as_taker[accounts[taker.owner].level].rate, taker_fee, rebate),
        )
        for order, liquidity, rate, fee, counter_rebate in sides:
            order.filled += lots
            order.turnover += px * lots * pair.lot_value
            fill = self._fill(order, px, lots, liquidity, rate, fee, its_trade.trade_id)
            fill.counter_rebate = counter_rebate
            self._record(order, fill, fee)
        world.outcome.books.add(pair.inst_id)
        world.outcome.events.append(Traded(pair.inst_id, its_trade, taker.order_id))
        world.prints.append((pair.inst_id, px))

    def _record(self, order: Order, fill: Fill, fee: int) -> None:
        """Note the fill on the order and tell it; the fill that completes an order closes it."""
        world, account = self.world, self.world.numbered[order.owner]
        if fee < 0:
            order.rebate -= fee
        else:
            order.fee -= fee
            order.fee_ccy = fill.fee_ccy
        order.last_fill = fill
        if order.algo_id:
            world.note_progress(order, fill)
        if account.kind != MAKER_ACCOUNT:
            fill.level, fill.usd_px = account.level, world.usd_price(self.pair.quote)
            self._bill(account, order, fill)
            self._add_volume(account, fill)
        world.note_balance(account)
        more = order.open_lots if order.px else self.affordable(order, fill.px)
        order.state = "partially_filled" if more else "filled"
        if order.state == "filled":
            close(world, order)
        world.note_order(order, fill)

    def _fill(
        self,
        order: Order,
        px: int,
        lots: int,
        liquidity: str,
        rate: int,
        fee: int,
        trade_id: int,
    ) -> Fill:
        pair = self.pair
        received, given = (pair.base, pair.quote) if order.buys else (pair.quote, pair.base)
        return Fill(
            inst=order.inst,
            trade_id=trade_id,
            order_id=order.order_id,
            bill_id=0,
            uid=order.uid,
            cl=order.cl,
            tag=order.tag,
            side=order.side,
            px=px,
            lots=lots,
            liquidity=liquidity,
            fee=-fee,
            fee_ccy=given if fee < 0 else received,
            fee_rate=fees.text(rate),
            ts=self.world.now,
            quote_ccy=order.quote_ccy,
        )

    def _bill(self, account: Account, order: Order, fill: Fill) -> None:
        """One bill per currency that moved; the fill carries the first one's number."""
        pair, world = self.pair, self.world
        goods, value = fill.lots * pair.lot, -fill.px * fill.lots * pair.lot_value
        clearing, number = self.clearing, account.number
        sides = ((pair.base, clearing.base, goods), (pair.quote, clearing.quote, value))
        for ccy, wallet, bought in sides:
            change = bought if order.buys else -bought
            fee = fill.fee if ccy == fill.fee_ccy else 0
            bill = Bill(
                bill_id=world.next_id(),
                uid=account.uid,
                ccy=ccy,
                change=change + fee,
                balance=wallet.available[number] + wallet.held[number],
                kind=TRADE_BILL,
                sub=BOUGHT if order.buys else SOLD,
                ts=world.now,
                fee=fee,
                fill=fill,
            )
            fill.bill_id = fill.bill_id or bill.bill_id
            world.outcome.events.append(Billed(bill))

    def _add_volume(self, account: Account, fill: Fill) -> None:
        """Count towards the tier; a trade that pays no fee does not."""
        if not fill.fee:
            return
        usd = fill.px * fill.lots * self.pair.lot_value * fill.usd_px // ONE
        day = fill.ts // DAY_MS
        account.volumes[day] = account.volumes.get(day, 0) + usd


def could_fill_whole(world: "World", order: Order) -> bool:
    """Whether the book holds enough of other people's orders for all of this one."""
    missing = order.open_lots
    makers = world.books[order.inst].queue(OPPOSITE[order.side])
    for count, (maker, px, lots) in enumerate(makers):
        if (px > order.px if order.buys else px < order.px) or count >= MAKERS_PER_TAKER:
            return False
        if world.state.orders[maker].owner == order.owner:
            if order.stp != CANCEL_MAKER:
                return False
            continue
        missing -= lots
        if missing <= 0:
            return True
    return False


def _spend(taker: Order, units: int, value: int) -> None:
    """A market order has less to go on with: what it holds, and its budget in quote."""
    taker.hold -= units
    if taker.budget >= 0:
        taker.budget -= value


def finish(
    world: "World",
    order: Order,
    state: str,
    cancel_source: str = "",
    *,
    req_id: str = "",
    amended: str = "",
) -> None:
    """End an order, canceled or with nothing left to do, and say so."""
    order.state, order.cancel_source = state, cancel_source
    close(world, order)
    world.note_order(order, req_id=req_id, amended=amended)


def withdraw(
    world: "World", order: Order, cancel_source: str, *, req_id: str = "", amended: str = ""
) -> None:
    """Take a resting order out of the book and end it as canceled."""
    world.books[order.inst].remove(order.order_id)
    world.outcome.books.add(order.inst)
    finish(world, order, "canceled", cancel_source, req_id=req_id, amended=amended)


def close(world: "World", order: Order) -> None:
    """Give back what an ended order still holds and forget it; its last moment is its record."""
    account = world.numbered[order.owner]
    market = world.markets[order.inst]
    if market.held(order):
        market.let_go(order)
        world.note_balance(account)
    if account.order_of_cl.get(order.cl) == order.order_id:
        del account.order_of_cl[order.cl]
    world.forget(account, order)
    world.ended.append(order)
