"""From texts to whole lots and ticks, and what a market order must set aside."""

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.units import ONE, Instrument, parse, plain
from connect_portal.sandbox.engine.world import World

LARGEST_PX = 10**15
LIMIT_VALUE, MARKET_VALUE = 20_000_000 * ONE, 1_000_000 * ONE
"""The most that one order may be worth, in units of its quote, which are dollars everywhere."""
WHOLE = 10_000


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
    if lots > pair.max_lots:
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


def refuse_large(pair: Instrument, px: int, lots: int) -> None:
    """Refuses 51185 to a limit order that is worth too much."""
    if px * lots * pair.lot_value > LIMIT_VALUE:
        raise Refused("51185", plain(LIMIT_VALUE))


def budget_of(text: str) -> int:
    """A market order's size in quote, as units. Refuses 51000 (no number) and 51201 (too large)."""
    units = parse(text)
    if not units:
        raise Refused("51000", "sz")
    if units > MARKET_VALUE:
        raise Refused("51201")
    return units


def hold_market(
    world: World, pair: Instrument, order: Order, *, ban_amend: bool, slippage: int
) -> None:
    """Set aside what a market order may need, judged by the book as it stands.

    A buy sized in base sets aside 5 % more than the best price asks. Without `ban_amend` an order
    that is larger than the account is cut down to what there is. Refuses 51109 (nobody to trade
    with), 51201 (worth too much), 51008 and 51020.
    """
    best = world.books[pair.inst_id].best_price("sell" if order.buys else "buy")
    if best is None:
        raise Refused("51109")
    cost = best * pair.lot_value
    if order.lots * cost > MARKET_VALUE:
        raise Refused("51201")
    if slippage >= 0:
        order.worst = _worst(best, slippage, buys=order.buys)
    ccy = pair.quote if order.buys else pair.base
    there = ledger.available(world.state, order.uid, ccy)
    needed = (_for_buy if order.buys else _for_sell)(pair, order, cost, there, ban_amend)
    ledger.hold(world.state.wallets[ccy], order.owner, needed, ccy)
    order.hold = needed


def _worst(best: int, slippage: int, *, buys: bool) -> int:
    """The price that is `slippage` ten-thousandths worse than the best, in whole ticks."""
    if buys:
        return best * (WHOLE + slippage) // WHOLE
    return -(-best * (WHOLE - slippage) // WHOLE)


def _for_buy(pair: Instrument, order: Order, cost: int, there: int, ban_amend: bool) -> int:
    """Quote to set aside; where that is not there, the order is cut down to what is."""
    least = pair.min_lots * cost
    if 0 <= order.budget < least:
        raise Refused("51020")
    wanted = order.budget if order.budget >= 0 else order.lots * cost * 105 // 100
    if there < (wanted if ban_amend else least):
        raise Refused("51008", pair.quote)
    if there < order.budget:
        order.budget, order.sz = there, plain(there)
    return min(there, wanted)


def _for_sell(pair: Instrument, order: Order, cost: int, there: int, ban_amend: bool) -> int:
    """Base to set aside: the size, or for a sale sized in quote what 5 % worse would need."""
    by_quote, there = order.budget >= 0, there // pair.lot
    wanted = order.budget // cost if by_quote else order.lots
    if wanted < pair.min_lots:
        raise Refused("51020")
    if there < (wanted if ban_amend else pair.min_lots):
        raise Refused("51008", pair.base)
    if not by_quote and there < wanted:
        order.lots = there
        order.sz = plain(there * pair.lot)
    return min(there, wanted * 105 // 100 if by_quote else wanted) * pair.lot
