"""Meeting the book: an incoming order takes what crosses, by price and then time, and settles.

Source of the rules: https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order and
the self-trade prevention page of the same documents.
"""

from connect_portal.sandbox.engine import ledger, tape
from connect_portal.sandbox.engine.accounts import add_bill
from connect_portal.sandbox.engine.book import OPPOSITE, Book, crosses
from connect_portal.sandbox.engine.events import Traded
from connect_portal.sandbox.engine.fees import charge, rate
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, USER_ACCOUNT, Fill, Order
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World

MAKERS_PER_TAKER = 1000
BY_SYSTEM, BY_USER, BY_FOK, BY_IOC = "0", "1", "13", "14"
BY_POST_ONLY, BY_SELF_TRADE, BY_MATCH_LIMIT = "31", "32", "33"
TRADE_BILL, BOUGHT, SOLD = "2", "1", "2"


def take(world: World, order: Order) -> str:
    """Trade the order against the book while it crosses.

    Returns the cancel source that ends it early, "" when it simply ran out of counterparts.
    """
    pair, book = world.instruments[order.inst], world.books[order.inst]
    for _ in range(MAKERS_PER_TAKER):
        maker = next_maker(book, order)
        if maker is None:
            return ""
        if maker.uid == order.uid:
            if end := _prevent_self_trade(world, order, maker):
                return end
            continue
        lots = min(takeable_lots(order, maker.px, pair), maker.open_lots)
        if lots == 0:
            return ""
        _trade(world, pair, order, maker, lots)
    return BY_MATCH_LIMIT if next_maker(book, order) else ""


def next_maker(book: Book, order: Order) -> Order | None:
    """The resting order that this one would trade with next."""
    maker = book.best_order(OPPOSITE[order.side])
    if maker is None or (order.px and not crosses(order.side, order.px, maker.px)):
        return None
    return maker


def takeable_lots(order: Order, px: int, pair: Instrument) -> int:
    """How many lots the order still wants, and at `px` can still pay for out of what it holds."""
    price_of_lot = px * pair.lot_value
    takeable = order.hold // (price_of_lot if order.side == "buy" else pair.lot)
    if order.lots:
        takeable = min(takeable, order.open_lots)
    if order.budget:
        takeable = min(takeable, (order.budget - order.turnover) // price_of_lot)
    return takeable


def could_fill_whole(world: World, order: Order) -> bool:
    """Whether the book holds enough of other people's orders for all of this one."""
    missing = order.lots
    for count, maker in enumerate(world.books[order.inst].orders(OPPOSITE[order.side])):
        if not crosses(order.side, order.px, maker.px) or count >= MAKERS_PER_TAKER:
            return False
        if maker.uid == order.uid:
            if order.stp != "cancel_maker":
                return False
            continue
        missing -= maker.open_lots
        if missing <= 0:
            return True
    return False


def finish(world: World, order: Order, state: str, cancel_source: str = "") -> None:
    """End an order, canceled or with nothing left to do, and say so."""
    order.state, order.cancel_source = state, cancel_source
    _close(world, order)
    world.note_order(order)


def withdraw(world: World, order: Order, cancel_source: str) -> None:
    """Take a resting order out of the book and end it as canceled."""
    world.books[order.inst].remove(order)
    world.outcome.books.add(order.inst)
    finish(world, order, "canceled", cancel_source)


def _prevent_self_trade(world: World, taker: Order, maker: Order) -> str:
    if taker.stp in ("cancel_maker", "cancel_both"):
        withdraw(world, maker, BY_SELF_TRADE)
    return "" if taker.stp == "cancel_maker" else BY_SELF_TRADE


def _trade(world: World, pair: Instrument, taker: Order, maker: Order, lots: int) -> None:
    book, px = world.books[taker.inst], maker.px
    its_tape = world.state.tapes[taker.inst]
    trade = tape.record(its_tape, pair, px, lots, taker.side, world.now)
    buyer, seller = (taker, maker) if taker.side == "buy" else (maker, taker)
    _move_money(world, pair, buyer, seller, px, lots)
    for order, liquidity in ((maker, "M"), (taker, "T")):
        _advance(pair, order, px, lots)
        fill = _book_fill(world, pair, order, px, lots, liquidity, trade.trade_id)
        if order is maker and not order.open_lots:
            book.remove(order)
        _announce(world, order, fill)
    world.outcome.books.add(taker.inst)
    world.outcome.events.append(Traded(taker.inst, trade))
    world.moved.add(taker.inst)


def _move_money(
    world: World, pair: Instrument, buyer: Order, seller: Order, px: int, lots: int
) -> None:
    cost, goods = px * lots * pair.lot_value, lots * pair.lot
    buying, selling = world.state.accounts[buyer.uid], world.state.accounts[seller.uid]
    ledger.pay_held(buying, selling, pair.quote, cost)
    ledger.pay_held(selling, buying, pair.base, goods)
    buyer.hold -= cost
    seller.hold -= goods
    better = (buyer.px - px) * lots * pair.lot_value if buyer.px else 0
    if better:
        ledger.release(buying, pair.quote, better)
        buyer.hold -= better
    world.note_balance(buying)
    world.note_balance(selling)


def _advance(pair: Instrument, order: Order, px: int, lots: int) -> None:
    order.filled += lots
    order.turnover += px * lots * pair.lot_value
    more = order.open_lots if order.lots else takeable_lots(order, px, pair)
    order.state = "partially_filled" if more else "filled"


def _book_fill(
    world: World,
    pair: Instrument,
    order: Order,
    px: int,
    lots: int,
    liquidity: str,
    trade_id: int,
) -> Fill:
    account = world.state.accounts[order.uid]
    buys = order.side == "buy"
    received = lots * pair.lot if buys else px * lots * pair.lot_value
    order.fee_ccy = pair.base if buys else pair.quote
    fee_rate = rate(pair.group, liquidity)
    fee = charge(received, fee_rate)
    ledger.give(account, world.house, order.fee_ccy, fee)
    order.fee -= fee
    base_change, quote_change = (
        (lots * pair.lot - fee, -px * lots * pair.lot_value)
        if buys
        else (-lots * pair.lot, px * lots * pair.lot_value - fee)
    )
    sub = BOUGHT if buys else SOLD
    base_bill = add_bill(world, account, pair.base, base_change, kind=TRADE_BILL, sub=sub)
    quote_bill = add_bill(world, account, pair.quote, quote_change, kind=TRADE_BILL, sub=sub)
    fill = Fill(
        inst=order.inst,
        trade_id=trade_id,
        order_id=order.order_id,
        bill_id=base_bill.bill_id if base_bill else 0,
        cl=order.cl,
        tag=order.tag,
        side=order.side,
        px=px,
        lots=lots,
        liquidity=liquidity,
        fee=-fee,
        fee_ccy=order.fee_ccy,
        fee_rate=f"{fee_rate.normalize():f}",
        ts=world.now,
    )
    order.last_fill = fill
    if base_bill and quote_bill:
        base_bill.fill = quote_bill.fill = fill
        (base_bill if buys else quote_bill).fee = -fee
    if account.kind == USER_ACCOUNT:
        account.fills.append(fill)
    return fill


def _announce(world: World, order: Order, fill: Fill) -> None:
    """One moment per fill; the fill that completes an order also closes it."""
    if order.state == "filled":
        _close(world, order)
    world.note_order(order, fill)


def _close(world: World, order: Order) -> None:
    """Give back what an ended order still holds; the market maker's orders are forgotten."""
    account = world.state.accounts[order.uid]
    if order.hold:
        ledger.release(account, _held_ccy(order, world.instruments[order.inst]), order.hold)
        order.hold = 0
        world.note_balance(account)
    account.open_orders.pop(order.order_id, None)
    if account.kind == MAKER_ACCOUNT:
        del world.state.orders[order.order_id]
        account.order_of_cl.pop(order.cl, None)


def _held_ccy(order: Order, pair: Instrument) -> str:
    return pair.quote if order.side == "buy" else pair.base
