"""Meeting the book, with records: each match becomes a print, two fills, their bills and moments.

Source of the rules: https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order and
the self-trade prevention page of the same documents.
"""

from typing import TYPE_CHECKING

from connect_portal.sandbox.engine import fees, tape
from connect_portal.sandbox.engine.book import BY_SELF_TRADE, MAKERS_PER_TAKER, Book
from connect_portal.sandbox.engine.clearing import Clearing
from connect_portal.sandbox.engine.events import Billed, Traded
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account, Bill, BookOrder, Fill, Order
from connect_portal.sandbox.engine.units import ONE, Instrument

if TYPE_CHECKING:
    from connect_portal.sandbox.engine.world import World

BY_SYSTEM, BY_USER, BY_FOK, BY_IOC, BY_COUNTDOWN = "0", "1", "13", "14", "20"
BY_POST_ONLY = "31"
TRADE_BILL, BOUGHT, SOLD = "2", "1", "2"
DAY_MS = 86_400_000


class Bookkeeping(Clearing):
    """The clearing of one market that writes down what it does."""

    def __init__(self, world: "World", pair: Instrument, book: Book, house: str) -> None:
        wallets = world.state.wallets
        super().__init__(pair, book, wallets[pair.base], wallets[pair.quote], house)
        self.world = world

    def prevent(self, taker: BookOrder, maker: BookOrder) -> bool:
        """Self-trade prevention; a maker that is withdrawn is told to its owner."""
        if taker.stp == "cancel_taker":
            return False
        withdraw(self.world, self.world.state.orders[maker.order_id], BY_SELF_TRADE)
        return taker.stp == "cancel_maker"

    def trade(self, taker: BookOrder, maker: BookOrder, px: int, lots: int) -> None:
        """Move the money of one match and record both sides of it, the maker's first."""
        world, orders = self.world, self.world.state.orders
        its_tape = world.state.tapes[self.pair.inst_id]
        its_trade = tape.record(its_tape, self.pair, px, lots, taker.buys, world.now)
        used, maker_fee, taker_fee = self.settle(taker, maker, px, lots)
        rebate = max(0, -maker_fee)
        if not maker.buys:
            rebate = rebate * px * self.pair.tick // ONE
        sides = (
            (orders[maker.order_id], "M", used[0], maker_fee, 0),
            (orders[taker.order_id], "T", used[1], taker_fee, rebate),
        )
        for order, liquidity, rate, fee, counter_rebate in sides:
            order.filled += lots
            order.turnover += px * lots * self.lot_value
            fill = self._fill(order, px, lots, liquidity, rate, fee, its_trade.trade_id)
            fill.counter_rebate = counter_rebate
            self._record(order, fill, fee)
        world.outcome.books.add(self.pair.inst_id)
        world.outcome.events.append(Traded(self.pair.inst_id, its_trade, taker.order_id))
        world.prints.append((self.pair.inst_id, px))

    def _record(self, order: Order, fill: Fill, fee: int) -> None:
        """Note the fill on the order and tell it; the fill that completes an order closes it."""
        world, account = self.world, self.world.state.accounts[order.uid]
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
        value, goods = fill.px * fill.lots * self.lot_value, fill.lots * self.lot
        changes = {pair.base: goods if order.buys else -goods}
        changes[pair.quote] = -value if order.buys else value
        changes[fill.fee_ccy] += fill.fee
        fill.bill_id = world.next_id()
        sub = BOUGHT if order.buys else SOLD
        for wallet, ccy in ((self.base, pair.base), (self.quote, pair.quote)):
            balance = wallet[account.uid]
            bill = Bill(
                bill_id=fill.bill_id if ccy == pair.base else world.next_id(),
                uid=account.uid,
                ccy=ccy,
                change=changes[ccy],
                balance=balance.available + balance.held,
                kind=TRADE_BILL,
                sub=sub,
                ts=world.now,
                fee=fill.fee if ccy == fill.fee_ccy else 0,
                fill=fill,
            )
            world.outcome.events.append(Billed(bill))

    def _add_volume(self, account: Account, fill: Fill) -> None:
        """Count towards the tier; a trade that pays no fee does not."""
        if not fill.fee:
            return
        usd = fill.px * fill.lots * self.lot_value * fill.usd_px // ONE
        day = fill.ts // DAY_MS
        account.volumes[day] = account.volumes.get(day, 0) + usd


def could_fill_whole(world: "World", order: Order) -> bool:
    """Whether the book holds enough of other people's orders for all of this one."""
    missing = order.open_lots
    makers = world.books[order.inst].orders("sell" if order.buys else "buy")
    for count, maker in enumerate(makers):
        if (maker.px > order.px if order.buys else maker.px < order.px) or (
            count >= MAKERS_PER_TAKER
        ):
            return False
        if maker.uid == order.uid:
            if order.stp != "cancel_maker":
                return False
            continue
        missing -= maker.open_lots
        if missing <= 0:
            return True
    return False


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
    world.books[order.inst].remove(order)
    world.outcome.books.add(order.inst)
    finish(world, order, "canceled", cancel_source, req_id=req_id, amended=amended)


def close(world: "World", order: Order) -> None:
    """Give back what an ended order still holds and forget it; its last moment is its record."""
    account = world.state.accounts[order.uid]
    if order.hold:
        world.clearings[order.inst].let_go(order)
        world.note_balance(account)
    del account.open_orders[order.inst][order.order_id]
    if account.order_of_cl.get(order.cl) == order.order_id:
        del account.order_of_cl[order.cl]
    del world.state.orders[order.order_id]
    world.ended.append(order)
