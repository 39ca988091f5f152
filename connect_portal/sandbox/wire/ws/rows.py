"""Rows of private pushes: what the REST objects say, and what only a push says.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel and the other channels.
"""

from collections.abc import Sequence
from typing import cast

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.events import OrderChanged
from connect_portal.sandbox.engine.model import Bill, Fill, Order
from connect_portal.sandbox.engine.units import ONE, Instrument, parse, plain
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.wire.algo_objects import algo_row
from connect_portal.sandbox.wire.objects import (
    FILL_BLANKS,
    Row,
    balance_detail,
    balance_row,
    order_row,
    price,
    size,
)

NOTHING = ledger.Balance(0, 0)
"""Available and held units of one currency."""


def order_push(world: World, event: OrderChanged) -> Row:
    """The order object at one moment, with the one fill that made it and what it is worth."""
    order, fill = event.order, event.fill
    pair = world.instruments[order.inst]
    row = order_row(pair, order)
    if fill is None:
        row |= {"fillPx": "", "fillSz": "0", "fillTime": "", "tradeId": ""}
    return {
        **row,
        **FILL_BLANKS,
        "fillFee": plain(fill.fee) if fill else "0",
        "fillFeeCcy": fill.fee_ccy if fill else "",
        "execType": fill.liquidity if fill else "",
        "fillNotionalUsd": _in_dollars(world, pair, fill.px * fill.lots) if fill else "",
        "fillPnl": "0",
        "notionalUsd": _notional(world, pair, order),
        "lastPx": price(pair, world.state.tapes[order.inst].last_px),
        "reqId": event.req_id,
        "amendResult": event.amend_result,
        "amendSource": "1" if event.amend_result else "",
        "code": "0",
        "msg": "",
    }


def fill_push(world: World, fill: Fill) -> Row:
    """The row of the fills channel."""
    pair = world.instruments[fill.inst]
    return {
        "instId": fill.inst,
        "fillSz": size(pair, fill.lots),
        "fillPx": price(pair, fill.px),
        "side": fill.side,
        "ts": str(fill.ts),
        "ordId": str(fill.order_id),
        "clOrdId": fill.cl,
        "tradeId": str(fill.trade_id),
        "execType": fill.liquidity,
        "count": "1",
    }


def algo_push(world: World, algo: Algo) -> Row:
    """The strategy order object."""
    return {
        **algo_row(world.instruments[algo.inst], algo),
        "notionalUsd": _algo_notional(world, algo),
        "reqId": "",
        "amendResult": "",
    }


def advanced_algo_push(world: World, algo: Algo) -> Row:
    """The strategy order object of the advanced channel."""
    return {**algo_push(world, algo), "count": "1", "pTime": str(world.now)}


def held(world: World, uid: str) -> dict[str, ledger.Balance]:
    """What the account has, by currency; currencies it has nothing of are absent."""
    return dict(ledger.balances(world.state, uid))


def account_row(world: World, uid: str, currencies: Sequence[str]) -> Row:
    """The balance object with a detail for each of these currencies, at zero too."""
    row = balance_row(world, world.account(uid), frozenset(currencies))
    found = cast(list[Row], row["details"])
    gone = set(currencies) - {str(detail["ccy"]) for detail in found}
    updated = str(row["uTime"])
    details = found + [balance_detail(world, ccy, NOTHING, updated) for ccy in sorted(gone)]
    for detail in details:
        detail["coinUsdPrice"] = plain(world.usd_price(str(detail["ccy"])))
        detail["maxSpotInUseAmt"] = ""
    return {**row, "details": details}


def balance_push(
    world: World, uid: str, event_type: str, currencies: Sequence[str], bills: Sequence[Bill]
) -> Row:
    """Cash per currency and the trades that moved it; a spot account has no positions."""
    account = world.account(uid)
    updated = str(account.updated or account.created)
    cash = {ccy: ledger.balance_of(world.state, uid, ccy) for ccy in currencies}
    fills = {(b.fill.inst, b.fill.trade_id): None for b in bills if b.fill}
    return {
        "pTime": str(world.now),
        "eventType": event_type,
        "balData": [
            {"ccy": ccy, "cashBal": plain(b.total), "uTime": updated} for ccy, b in cash.items()
        ],
        "posData": [],
        "trades": [{"instId": inst, "tradeId": str(number)} for inst, number in fills],
    }


def _notional(world: World, pair: Instrument, order: Order) -> str:
    """What the whole order is worth in dollars, at its own price or the last one."""
    if order.tgt == "quote_ccy":
        return plain((parse(order.sz) or 0) * world.usd_price(pair.quote) // ONE)
    px = order.px or world.state.tapes[order.inst].last_px
    return _in_dollars(world, pair, px * order.lots)


def _algo_notional(world: World, algo: Algo) -> str:
    """What the whole strategy order is worth in dollars, at the last price."""
    pair, units = world.instruments[algo.inst], parse(algo.sz) or 0
    if algo.tgt != "quote_ccy":
        units = units * world.state.tapes[algo.inst].last_px * pair.tick // ONE
    return plain(units * world.usd_price(pair.quote) // ONE)


def _in_dollars(world: World, pair: Instrument, ticks_by_lots: int) -> str:
    return plain(ticks_by_lots * pair.lot_value * world.usd_price(pair.quote) // ONE)
