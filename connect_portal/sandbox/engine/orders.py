"""Verbs on orders: place, cancel, amend. Each checks all first, then cannot fail half-way."""

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.book import OPPOSITE
from connect_portal.sandbox.engine.commands import Amend, Cancel, Place
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import (
    BY_FOK,
    BY_IOC,
    BY_POST_ONLY,
    BY_SYSTEM,
    BY_USER,
    could_fill_whole,
    finish,
    next_maker,
    take,
    withdraw,
)
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account, Algo, Order
from connect_portal.sandbox.engine.units import ONE, Instrument, parse
from connect_portal.sandbox.engine.world import World

OPEN_PER_ACCOUNT, OPEN_PER_INSTRUMENT = 4000, 500
LARGEST_LOTS, LARGEST_PX, LARGEST_BUDGET = 10**16, 10**15, 10**9 * ONE
MODES = ("cash", "cross", "")
ENDS_AT_ONCE = {"market": BY_SYSTEM, "ioc": BY_IOC, "fok": BY_FOK}


def place(world: World, command: Place) -> Order:
    """Place an order and let it trade. Refuses in the numbers of the venue's order codes."""
    return place_child(world, command, parent=None, source="")


def place_child(world: World, command: Place, *, parent: Algo | None, source: str) -> Order:
    """Place an order on behalf of a strategy (`parent`), which it then names."""
    account = world.account(command.uid)
    pair = world.instrument(command.inst)
    _refuse_unfit(world, account, pair, command)
    order = _draft(world, pair, command)
    needed = _needed_hold(world, account, pair, order, command)
    ledger.hold(account, pair.quote if order.side == "buy" else pair.base, needed)
    order.order_id = order.priority = world.next_id()
    order.hold = needed
    if parent is not None:
        order.algo_id, order.algo_cl, order.source = parent.algo_id, parent.cl, source
    _remember(world, account, order)
    world.note_balance(account)
    _meet_the_book(world, order)
    return order


def cancel(world: World, command: Cancel) -> Order:
    """Cancel an open order. Refuses 51400 when it is unknown or already finished."""
    order = find_order(world, command.uid, command.inst, command.order_id, command.cl)
    if order is None or not order.is_open:
        raise Refused("51400")
    withdraw(world, order, BY_USER)
    return order


def amend(world: World, command: Amend) -> Order:
    """Change total size or price; smaller keeps its place in the queue, anything else goes last.

    Refuses 51503 (finished or unknown), 51500 (nothing to change) and the size and price codes;
    with `cancel_on_fail` a refused amendment cancels the order.
    """
    order = find_order(world, command.uid, command.inst, command.order_id, command.cl)
    if order is None or not order.is_open:
        raise Refused("51503")
    try:
        lots, px = _amended(world, order, command)
    except Refused:
        if command.cancel_on_fail:
            withdraw(world, order, BY_USER)
        raise
    _reshape(world, order, lots, px, command.req_id)
    return order


def find_order(world: World, uid: str, inst: str, order_id: int, cl: str) -> Order | None:
    """The account's order by the venue's id (which wins) or the latest with the caller's id."""
    account = world.account(uid)
    world.instrument(inst)
    order = world.state.orders.get(order_id or account.order_of_cl.get(cl, 0))
    return order if order and order.uid == uid and order.inst == inst else None


def lots_of(text: str, pair: Instrument) -> int:
    """A base size as lots. Refuses 51000 (no number), 51121 (lot), 51020 (minimum), 51005 (max)."""
    units = parse(text)
    if units is None:
        raise Refused("51000", "sz")
    lots, rest = divmod(units, pair.lot)
    if rest:
        raise Refused("51121")
    if lots < pair.min_lots:
        raise Refused("51020")
    if lots > LARGEST_LOTS:
        raise Refused("51005")
    return lots


def ticks_of(text: str, pair: Instrument, name: str = "px") -> int:
    """A price as ticks. Refuses 51000 (no number, zero or absurd) and 51150 (off the tick)."""
    units = parse(text)
    if not units:
        raise Refused("51000", name)
    ticks, rest = divmod(units, pair.tick)
    if rest:
        raise Refused("51150")
    if ticks > LARGEST_PX:
        raise Refused("51000", name)
    return ticks


def _refuse_unfit(world: World, account: Account, pair: Instrument, command: Place) -> None:
    if command.mode not in MODES:
        raise Refused("51000", "tdMode")
    if command.quote_ccy and command.quote_ccy not in (pair.quote, "USD"):
        raise Refused("51000", "tradeQuoteCcy")
    known = world.state.orders.get(account.order_of_cl.get(command.cl, 0)) if command.cl else None
    if known is not None and known.is_open:
        raise Refused("51016")
    if account.kind == MAKER_ACCOUNT or len(account.open_orders) < OPEN_PER_INSTRUMENT:
        return
    orders = world.state.orders
    here = sum(orders[order_id].inst == pair.inst_id for order_id in account.open_orders)
    if len(account.open_orders) >= OPEN_PER_ACCOUNT or here >= OPEN_PER_INSTRUMENT:
        raise Refused("51102")


def _draft(world: World, pair: Instrument, command: Place) -> Order:
    market = command.kind == "market"
    default_tgt = "quote_ccy" if command.side == "buy" else "base_ccy"
    tgt = (command.tgt or default_tgt) if market else ""
    by_quote = tgt == "quote_ccy"
    return Order(
        order_id=0,
        uid=command.uid,
        inst=pair.inst_id,
        side=command.side,
        kind=command.kind,
        mode=command.mode or "cash",
        px=0 if market else ticks_of(command.px, pair),
        lots=0 if by_quote else lots_of(command.sz, pair),
        budget=_budget_of(command.sz) if by_quote else 0,
        sz=command.sz,
        tgt=tgt,
        cl=command.cl,
        tag=command.tag,
        stp=command.stp or "cancel_maker",
        quote_ccy=command.quote_ccy or pair.quote,
        created=world.now,
        updated=world.now,
        priority=0,
    )


def _budget_of(text: str) -> int:
    units = parse(text)
    if not units:
        raise Refused("51000", "sz")
    if units > LARGEST_BUDGET:
        raise Refused("51201")
    return units


def _needed_hold(
    world: World, account: Account, pair: Instrument, order: Order, command: Place
) -> int:
    """What the order must set aside; a market order is sized against the book as it stands."""
    if order.kind != "market":
        return order.lots * (order.px * pair.lot_value if order.side == "buy" else pair.lot)
    best = world.books[pair.inst_id].best_price(OPPOSITE[order.side])
    if best is None:
        raise Refused("51109")
    if order.side == "sell":
        return _hold_of_market_sell(account, pair, order, best)
    if order.lots:
        worst = order.lots * best * pair.lot_value * 105 // 100
        there = ledger.available(account, pair.quote)
        if there < worst and command.ban_amend:
            raise Refused("51008", pair.quote)
        if there < order.lots * best * pair.lot_value:
            raise Refused("51008", pair.quote)
        order.budget = min(there, worst)
    if order.budget < pair.min_lots * best * pair.lot_value:
        raise Refused("51020")
    return order.budget


def _hold_of_market_sell(account: Account, pair: Instrument, order: Order, best: int) -> int:
    """Base to set aside: the size, or for a sale sized in quote what 5 % worse would need."""
    if order.lots:
        return order.lots * pair.lot
    wanted = order.budget // (best * pair.lot_value)
    if wanted < pair.min_lots:
        raise Refused("51020")
    there = ledger.available(account, pair.base) // pair.lot
    if there < wanted:
        raise Refused("51008", pair.base)
    return min(there, wanted * 105 // 100) * pair.lot


def _remember(world: World, account: Account, order: Order) -> None:
    world.state.orders[order.order_id] = order
    account.open_orders[order.order_id] = None
    if account.kind != MAKER_ACCOUNT:
        account.order_ids.append(order.order_id)
    if order.cl:
        account.order_of_cl[order.cl] = order.order_id


def _meet_the_book(world: World, order: Order) -> None:
    """From accepted to resting, filled or canceled, in the order the venue reports it."""
    if order.kind == "post_only" and next_maker(world.books[order.inst], order):
        return finish(world, order, "canceled", BY_POST_ONLY)
    world.note_order(order)
    if order.kind == "fok" and not could_fill_whole(world, order):
        return finish(world, order, "canceled", BY_FOK)
    end = take(world, order)
    if order.state == "filled":
        return None
    if end or order.kind in ENDS_AT_ONCE:
        return finish(world, order, "canceled", end or ENDS_AT_ONCE[order.kind])
    world.books[order.inst].add(order)
    world.outcome.books.add(order.inst)
    return None


def _amended(world: World, order: Order, command: Amend) -> tuple[int, int]:
    """The wanted (lots, px), checked so that `_reshape` cannot fail."""
    pair = world.instruments[order.inst]
    if not command.new_sz and not command.new_px:
        raise Refused("51500")
    lots = lots_of(command.new_sz, pair) if command.new_sz else order.lots
    px = ticks_of(command.new_px, pair, "newPx") if command.new_px else order.px
    left = max(0, lots - order.filled)
    each = px * pair.lot_value if order.side == "buy" else pair.lot
    ccy = pair.quote if order.side == "buy" else pair.base
    if left * each - order.hold > ledger.available(world.account(order.uid), ccy):
        raise Refused("51008", ccy)
    best = world.books[order.inst].best_price(OPPOSITE[order.side])
    would_take = best is not None and (best <= px if order.side == "buy" else best >= px)
    if order.kind == "post_only" and would_take:
        raise Refused("51511")
    return lots, px


def _reshape(world: World, order: Order, lots: int, px: int, req_id: str) -> None:
    pair, book = world.instruments[order.inst], world.books[order.inst]
    account = world.state.accounts[order.uid]
    keeps_place = px == order.px and lots <= order.lots
    book_changed = not keeps_place or lots <= order.filled
    if book_changed:
        book.remove(order)
    left = max(0, lots - order.filled)
    needed = left * (px * pair.lot_value if order.side == "buy" else pair.lot)
    ccy = pair.quote if order.side == "buy" else pair.base
    _change_hold(account, order, ccy, needed)
    order.lots, order.px = max(lots, order.filled), px
    world.note_balance(account)
    world.outcome.books.add(order.inst)
    if left == 0:
        return finish(world, order, "filled")
    world.note_order(order, req_id=req_id, amended="0")
    return _rejoin(world, order) if book_changed else None


def _change_hold(account: Account, order: Order, ccy: str, needed: int) -> None:
    if needed > order.hold:
        ledger.hold(account, ccy, needed - order.hold)
    else:
        ledger.release(account, ccy, order.hold - needed)
    order.hold = needed


def _rejoin(world: World, order: Order) -> None:
    order.priority = world.next_id()
    end = take(world, order)
    if order.state == "filled":
        return
    if end:
        finish(world, order, "canceled", end)
    else:
        world.books[order.inst].add(order)
