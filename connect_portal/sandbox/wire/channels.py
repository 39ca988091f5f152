"""What each WebSocket channel is called, where it lives, and what it says first and later.

https://www.okx.com/docs-v5/en/#overview-websocket and the channel pages of the same documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connect_portal import facts
from connect_portal.sandbox.engine.events import AlgoChanged, OrderChanged
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.wire import prices
from connect_portal.sandbox.wire.objects import algo_row, balance_row, order_push, price

PRIVATE_CHANNELS = ("orders", "account", "balance_and_position", "positions")
PUBLIC_CHANNELS = ("tickers", "trades", "books", "books5", "instruments", "status")
CHANNELS_OF_PATH = {
    "private": PRIVATE_CHANNELS,
    "public": PUBLIC_CHANNELS,
    "business": ("orders-algo", "trades-all", *(f"candle{bar}" for bar in prices.BARS)),
}
NEEDS_LOGIN = (*PRIVATE_CHANNELS, "orders-algo")
NEEDS_INST_ID = ("tickers", "trades", "books", "books5", "trades-all")
NEEDS_INST_TYPE = ("orders", "orders-algo", "positions", "instruments")
Arg = Mapping[str, Any]


@dataclass(frozen=True)
class Push:
    """One message: rows for a channel, with what stands beside `arg` and `data`."""

    data: list[Any]
    extra: Mapping[str, Any]


def first_push(world: World, arg: Arg, uid: str) -> Push | None:
    """What a subscriber is told at once; None where the channel starts silent."""
    channel = arg["channel"]
    if channel == "account":
        row = account_row(world, arg, uid)
        return Push([row], {"eventType": "snapshot", "curPage": 1, "lastPage": True})
    if channel == "balance_and_position":
        return Push([balance_and_position(world, uid, "snapshot")], {})
    if channel == "tickers":
        return Push([prices.ticker_row(world, world.instruments[arg["instId"]])], {})
    if channel.startswith("candle"):
        return candle_push(world, arg)
    if channel == "instruments":
        wanted = arg.get("instType") == "SPOT"
        rows = [prices.instrument_row(pair) for pair in facts.pairs().values()]
        return Push(rows if wanted else [], {})
    return None


def order_push_for(world: World, arg: Arg, event: OrderChanged) -> Push | None:
    """The order's moment, where the subscription covers its instrument."""
    order = event.order
    if not _covers(arg, order.inst):
        return None
    pair = world.instruments[order.inst]
    last = price(pair, world.state.tapes[order.inst].last_px)
    return Push([order_push(pair, event, last)], {})


def algo_push_for(world: World, arg: Arg, event: AlgoChanged) -> Push | None:
    """The strategy order's moment, where the subscription covers its instrument."""
    algo = event.algo
    if not _covers(arg, algo.inst):
        return None
    child = world.state.orders.get(algo.child_ids[-1]) if algo.child_ids else None
    return Push([algo_row(world.instruments[algo.inst], algo, child)], {})


def account_push(world: World, arg: Arg, uid: str) -> Push:
    """The account after a movement."""
    return Push([account_row(world, arg, uid)], {"eventType": "event_update"})


def account_row(world: World, arg: Arg, uid: str) -> dict[str, Any]:
    """The balance object of the account channel."""
    wanted = frozenset({arg["ccy"]} if arg.get("ccy") else ())
    return balance_row(world, world.account(uid), wanted)


def balance_and_position(world: World, uid: str, event_type: str) -> dict[str, Any]:
    """Cash per currency; a spot account has no positions."""
    details = balance_row(world, world.account(uid))["details"]
    rows = details if isinstance(details, list) else []
    return {
        "pTime": str(world.now),
        "eventType": event_type,
        "balData": [{"ccy": r["ccy"], "cashBal": r["cashBal"], "uTime": r["uTime"]} for r in rows],
        "posData": [],
        "trades": [],
    }


def candle_push(world: World, arg: Arg) -> Push | None:
    """The newest bar of a candle channel."""
    bar = arg["channel"].removeprefix("candle")
    pair = world.instruments[arg["instId"]]
    bars = prices.candles(world, pair, bar)
    return (
        Push([prices.candle_row(pair, bars[-1], world.now, prices.BARS[bar])], {}) if bars else None
    )


def _covers(arg: Arg, inst: str) -> bool:
    return arg.get("instType") in ("SPOT", "ANY") and arg.get("instId") in (None, "", inst)
