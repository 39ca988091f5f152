"""Take-profits, stop-losses and trailing stops attached to an order that has not filled yet.

Spot knows one take-profit and one stop-loss an order, on the right side of its price.
https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order (attachAlgoOrds)
"""

from collections.abc import Sequence

from msgspec.structs import replace

from connect_portal.sandbox.engine.algo import Attached
from connect_portal.sandbox.engine.commands import Amend, Place
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Account, Order
from connect_portal.sandbox.engine.sizing import ticks_of
from connect_portal.sandbox.engine.strategies.asking import order_px_of, trail_of
from connect_portal.sandbox.engine.units import Instrument
from connect_portal.sandbox.engine.world import World

DELETE = "0"
FIELDS = tuple(name for name in Attached.__struct_fields__ if name not in ("cl", "algo_id"))
WRONG_SIDE = {
    ("tp", True): ("51046", "51050"),
    ("sl", True): ("51047", "51051"),
    ("tp", False): ("51048", "51052"),
    ("sl", False): ("51049", "51053"),
}
"""By leg and whether the order buys: the code against a limit price, and against the book."""


def refuse_unfit_order(world: World, account: Account, pair: Instrument, command: Place) -> None:
    """Refuses an order whose attachments do not fit it: 51044, 51068 and those of `refuse_unfit`.

    A market order must know from the start what it will receive.
    """
    buys, at_market = command.side == "buy", command.kind == "market"
    by_quote = command.tgt == "quote_ccy" if command.tgt else buys
    if at_market and by_quote is not buys:
        raise Refused("51044")
    own_ids = [item.cl for item in command.attached if item.cl]
    if len(set(own_ids)) < len(own_ids) or any(cl in account.algo_of_cl for cl in own_ids):
        raise Refused("51068", "attachAlgoClOrdId")
    if at_market:
        px = world.books[pair.inst_id].best_price("sell" if buys else "buy") or 0
    else:
        px = ticks_of(command.px, pair)
    refuse_unfit(pair, command.attached, buys=buys, px=px, at_market=at_market)


def refuse_unfit(
    pair: Instrument, items: Sequence[Attached], *, buys: bool, px: int, at_market: bool = False
) -> None:
    """Refuses 51046-51053 (side of the price), 51077, 51084 (more than one), 51178 (nothing)."""
    if sum(bool(item.tp_trigger_px) for item in items) > 1:
        raise Refused("51077")
    if sum(bool(item.sl_trigger_px) for item in items) > 1:
        raise Refused("51084", "1")
    for item in items:
        _refuse_unclear(pair, item)
        for leg, px_text in (("tp", item.tp_trigger_px), ("sl", item.sl_trigger_px)):
            if px_text and px and _wrong_side(leg, buys, ticks_of(px_text, pair), px):
                raise Refused(WRONG_SIDE[leg, buys][at_market])


def accept(world: World, order: Order, items: Sequence[Attached]) -> None:
    """Give each attachment its number; callers' own ids that are free are taken."""
    own_ids = world.state.accounts[order.uid].algo_of_cl
    for item in items:
        free = "" if item.cl in own_ids else item.cl
        attached = replace(item, cl=free, algo_id=world.next_id())
        order.attached += (attached,)
        if free:
            own_ids[free] = attached.algo_id


def exchange(world: World, order: Order, items: Sequence[Attached]) -> None:
    """Put amended attachments in place of the old ones; own ids of those that are gone are free."""
    own_ids, kept = world.state.accounts[order.uid].algo_of_cl, {item.algo_id for item in items}
    for item in order.attached:
        if item.algo_id not in kept and own_ids.get(item.cl) == item.algo_id:
            del own_ids[item.cl]
    order.attached = tuple(items)


def amended(pair: Instrument, order: Order, command: Amend, px: int) -> Sequence[Attached]:
    """What is attached after an amendment of some of it; one without a leg left is gone.

    Refuses 51538 (nothing is attached), 51527 (not that one), 51539 (one twice), and what
    `refuse_unfit` does.
    """
    if not command.attached:
        return order.attached
    if not order.attached:
        raise Refused("51538")
    wanted = {item.algo_id: item for item in order.attached}
    changed = [_find(order, change).algo_id for change in command.attached]
    if len(set(changed)) < len(changed):
        raise Refused("51539")
    for algo_id, change in zip(changed, command.attached, strict=True):
        wanted[algo_id] = _changed(wanted[algo_id], change)
    left = [item for item in wanted.values() if any(getattr(item, name) for name in FIELDS)]
    refuse_unfit(pair, left, buys=order.buys, px=px)
    return left


def _find(order: Order, change: Attached) -> Attached:
    for item in order.attached:
        if change.algo_id == item.algo_id or (not change.algo_id and change.cl == item.cl):
            return item
    raise Refused("51527")


def _changed(item: Attached, change: Attached) -> Attached:
    given = {name: getattr(change, name) for name in FIELDS if getattr(change, name)}
    for leg in ("tp", "sl"):
        names = (f"{leg}_trigger_px", f"{leg}_order_px")
        if DELETE in [given.get(name) for name in names]:
            given |= dict.fromkeys(names, "")
    return replace(item, **given)


def _refuse_unclear(pair: Instrument, item: Attached) -> None:
    """Refuses what is neither stops nor a trailing stop, or lacks a price; then it can be born."""
    stops = bool(item.tp_trigger_px or item.sl_trigger_px)
    if item.callback_ratio or item.callback_spread:
        if stops:
            raise Refused("51000", "attachAlgoOrds")
        trail_of(item.callback_ratio, item.callback_spread, item.active_px, pair, 0)
    elif not stops:
        raise Refused("51178")
    _refuse_bad_leg(pair, "tp", item.tp_trigger_px, item.tp_order_px)
    _refuse_bad_leg(pair, "sl", item.sl_trigger_px, item.sl_order_px)


def _refuse_bad_leg(pair: Instrument, leg: str, trigger_px: str, order_px: str) -> None:
    if bool(trigger_px) is not bool(order_px):
        raise Refused("50014", f"{leg}OrdPx" if trigger_px else f"{leg}TriggerPx")
    if trigger_px:
        ticks_of(trigger_px, pair, f"{leg}TriggerPx")
        order_px_of(order_px, pair, f"{leg}OrdPx")


def _wrong_side(leg: str, buys: bool, trigger_px: int, px: int) -> bool:
    above = (leg == "tp") == buys
    return trigger_px <= px if above else trigger_px >= px
