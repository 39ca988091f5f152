"""Verbs on orders: place, cancel, amend. Each checks all first, then cannot fail half-way."""

from connect_portal.sandbox.engine import attached, ledger
from connect_portal.sandbox.engine.algo import FROM_SLICE, Algo
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
    withdraw,
)
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account, Order
from connect_portal.sandbox.engine.sizing import (
    budget_of,
    hold_market,
    lots_of,
    refuse_large,
    ticks_of,
)
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World

OPEN_PER_ACCOUNT, OPEN_PER_INSTRUMENT = 4000, 500
MODES = ("cash", "cross", "")
AMENDED, CANCELED_INSTEAD = "0", "1"
ENDS_AT_ONCE = {"market": BY_SYSTEM, "ioc": BY_IOC, "fok": BY_FOK}


def place(world: World, command: Place) -> Order:
    """Place an order and let it trade. Refuses in the numbers of the venue's order codes."""
    return place_child(world, command, parent=None, source="")


def place_child(world: World, command: Place, *, parent: Algo | None, source: str) -> Order:
    """Place an order on behalf of a strategy (`parent`), which it then names."""
    account = world.account(command.uid)
    pair = world.instrument(command.inst)
    _refuse_unfit(world, account, pair, command)
    if command.attached and parent is None:
        attached.refuse_unfit_order(world, account, pair, command)
    order = _draft(world, account, pair, command)
    if order.px:
        _hold(world, order)
    else:
        hold_market(world, pair, order, ban_amend=command.ban_amend, slippage=command.slippage)
    order.order_id = order.priority = world.next_id()
    attached.accept(world, order, command.attached)
    if parent is not None:
        order.algo_id, order.algo_cl, order.source = parent.algo_id, parent.cl, source
    _remember(world, account, order)
    world.note_balance(account)
    _meet_the_book(world, order)
    return order


def cancel(world: World, command: Cancel) -> Order:
    """Cancel an open order. Refuses 51400 when it is unknown or already finished."""
    order = find_open(world, command.uid, command.inst, command.order_id, command.cl)
    if order is None:
        raise Refused("51400")
    withdraw(world, order, BY_USER)
    return order


def amend(world: World, command: Amend) -> Order:
    """Change total size or price; smaller keeps its place in the queue, anything else goes last.

    Refuses 51503 (finished or unknown), 51506 (part of a strategy), 51500 (nothing to change),
    51502 (too little money) and the size and price codes; with `cancel_on_fail` a refused
    amendment cancels the order.
    """
    order = find_open(world, command.uid, command.inst, command.order_id, command.cl)
    if order is None:
        raise Refused("51503")
    if order.source == FROM_SLICE:
        raise Refused("51506")
    try:
        lots, px = _amended(world, order, command)
        items = attached.amended(world.instruments[order.inst], order, command, px)
    except Refused:
        if command.cancel_on_fail:
            withdraw(world, order, BY_USER, req_id=command.req_id, amended=CANCELED_INSTEAD)
        raise
    attached.exchange(world, order, items)
    _reshape(world, order, lots, px, command.req_id)
    return order


def find_open(world: World, uid: str, inst: str, order_id: int, cl: str) -> Order | None:
    """The account's open order by the venue's id (which wins) or by the caller's own."""
    account = world.account(uid)
    world.instrument(inst)
    order = world.state.orders.get(order_id or account.order_of_cl.get(cl, 0))
    return order if order and order.uid == uid and order.inst == inst else None


def _refuse_unfit(world: World, account: Account, pair: Instrument, command: Place) -> None:
    if command.mode not in MODES:
        raise Refused("51000", "tdMode")
    if command.quote_ccy and command.quote_ccy not in pair.quote_ccys:
        raise Refused("51000", "tradeQuoteCcy")
    if command.kind == "fok" and command.stp == "cancel_both":
        raise Refused("54036")
    if command.cl and command.cl in account.order_of_cl:
        raise Refused("51016")
    here = account.open_orders.get(pair.inst_id, ())
    if len(here) >= OPEN_PER_INSTRUMENT and account.kind != MAKER_ACCOUNT:
        raise Refused("51102")
    if world.open_orders[account.uid] >= OPEN_PER_ACCOUNT:
        raise Refused("51102")


def _draft(world: World, account: Account, pair: Instrument, command: Place) -> Order:
    market, buys = command.kind == "market", command.side == "buy"
    tgt = (command.tgt or ("quote_ccy" if buys else "base_ccy")) if market else ""
    by_quote = tgt == "quote_ccy"
    lots = 0 if by_quote else lots_of(command.sz, pair)
    px = 0 if market else ticks_of(command.px, pair)
    refuse_large(pair, px, lots)
    return Order(
        order_id=0,
        uid=account.uid,
        owner=account.number,
        buys=buys,
        px=px,
        lots=lots,
        budget=budget_of(command.sz) if by_quote else -1,
        stp=command.stp or "cancel_maker",
        inst=pair.inst_id,
        kind=command.kind,
        mode=command.mode or "cash",
        sz=command.sz,
        tgt=tgt,
        cl=command.cl,
        tag=command.tag,
        quote_ccy=command.quote_ccy or pair.quote,
        created=world.now,
        updated=world.now,
        state="live",
    )


def _hold(world: World, order: Order) -> None:
    """Set aside what a limit order's open lots need. Refuses 51008."""
    clearing = world.markets[order.inst].clearing
    clearing.hold(order.owner, order.buys, order.px, order.open_lots)


def _remember(world: World, account: Account, order: Order) -> None:
    world.remember(account, order)
    if order.cl:
        account.order_of_cl[order.cl] = order.order_id


def _meet_the_book(world: World, order: Order) -> None:
    """From accepted to resting, filled or canceled, in the order the venue reports it."""
    book = world.books[order.inst]
    if order.kind == "post_only" and book.crosses(order.buys, order.px):
        return finish(world, order, "canceled", BY_POST_ONLY)
    world.note_order(order)
    if order.kind == "fok" and not could_fill_whole(world, order):
        return finish(world, order, "canceled", BY_FOK)
    return _trade(world, order)


def _trade(world: World, order: Order) -> None:
    """Let the order meet the book; what may not rest ends."""
    market = world.markets[order.inst]
    at_once = ENDS_AT_ONCE.get(order.kind)
    end = market.take(order) if at_once else market.place(order)
    if not order.is_open:
        return
    if end or at_once:
        finish(world, order, "canceled", end or at_once or BY_SYSTEM)
    else:
        world.outcome.books.add(order.inst)


def _amended(world: World, order: Order, command: Amend) -> tuple[int, int]:
    """The wanted (lots, px), checked so that `_reshape` cannot fail."""
    pair = world.instruments[order.inst]
    if not (command.new_sz or command.new_px or command.attached):
        raise Refused("51500")
    lots = lots_of(command.new_sz, pair) if command.new_sz else order.lots
    px = ticks_of(command.new_px, pair, "newPx") if command.new_px else order.px
    refuse_large(pair, px, lots)
    market, ccy = world.markets[order.inst], pair.quote if order.buys else pair.base
    needed = market.clearing.needed(order.buys, px, max(0, lots - order.filled))
    if needed - market.held(order) > ledger.available(world.state, order.uid, ccy):
        raise Refused("51502")
    best = world.books[order.inst].best_price("sell" if order.buys else "buy")
    would_take = best is not None and (best <= px if order.buys else best >= px)
    if order.kind == "post_only" and would_take:
        raise Refused("51511")
    return lots, px


def _reshape(world: World, order: Order, lots: int, px: int, req_id: str) -> None:
    book = world.books[order.inst]
    keeps_place = px == order.px and order.filled < lots <= order.lots
    if keeps_place:
        book.resize(order.order_id, lots - order.filled)
    else:
        book.remove(order.order_id)
    world.markets[order.inst].let_go(order)
    order.lots, order.px = max(lots, order.filled), px
    _hold(world, order)
    world.note_balance(world.state.accounts[order.uid])
    world.outcome.books.add(order.inst)
    if not order.open_lots:
        return finish(world, order, "filled", req_id=req_id, amended=AMENDED)
    world.note_order(order, req_id=req_id, amended=AMENDED)
    if keeps_place:
        return None
    order.priority = world.next_id()
    return _trade(world, order)
