"""From texts to whole lots and ticks, and what a market order must set aside."""

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Order
from connect_portal.sandbox.engine.units import ONE, Instrument, parse, plain
from connect_portal.sandbox.engine.world import World

LARGEST_PX = 10**15
LIMIT_VALUE, MARKET_VALUE = 20_000_000 * ONE, 1_000_000 * ONE
"""The most that one order may be worth, in units of its quote, which are dollars everywhere."""


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
    """Refuses 51203 to a limit order that is worth too much."""
    if px * lots * pair.lot_value > LIMIT_VALUE:
        raise Refused("51203", plain(LIMIT_VALUE))


def budget_of(text: str) -> int:
    """A market order's size in quote, as units. Refuses 51000 (no number) and 51201 (too large)."""
    units = parse(text)
    if not units:
        raise Refused("51000", "sz")
    if units > MARKET_VALUE:
        raise Refused("51201")
    return units


def hold_market(world: World, pair: Instrument, order: Order, *, ban_amend: bool) -> None:
    """Set aside what a market order may need, judged by the book as it stands.

    A buy sized in base sets aside 5 % more than the best price asks; without `ban_amend` it is
    content with what the account has. Refuses 51109 (nobody to trade with), 51201 (worth too
    much), 51008 and 51020.
    """
    best = world.books[pair.inst_id].best_price("sell" if order.buys else "buy")
    if best is None:
        raise Refused("51109")
    cost = best * pair.lot_value
    if order.lots * cost > MARKET_VALUE:
        raise Refused("51201")
    if order.buys:
        ccy, needed = pair.quote, _for_buy(world, pair, order, cost, ban_amend)
    else:
        ccy, needed = pair.base, _for_sell(world, pair, order, cost)
    ledger.hold(world.state.wallets[ccy], order.uid, needed, ccy)
    order.hold = needed


def _for_buy(world: World, pair: Instrument, order: Order, cost: int, ban_amend: bool) -> int:
    if order.budget >= 0:
        if order.budget < pair.min_lots * cost:
            raise Refused("51020")
        return order.budget
    there = ledger.available(world.state, order.uid, pair.quote)
    worst = order.lots * cost * 105 // 100
    if there < (worst if ban_amend else order.lots * cost):
        raise Refused("51008", pair.quote)
    return min(there, worst)


def _for_sell(world: World, pair: Instrument, order: Order, cost: int) -> int:
    """Base to set aside: the size, or for a sale sized in quote what 5 % worse would need."""
    if order.budget < 0:
        return order.lots * pair.lot
    wanted = order.budget // cost
    if wanted < pair.min_lots:
        raise Refused("51020")
    there = ledger.available(world.state, order.uid, pair.base) // pair.lot
    if there < wanted:
        raise Refused("51008", pair.base)
    return min(there, wanted * 105 // 100) * pair.lot
