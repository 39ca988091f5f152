"""What can be subscribed to: every channel, where it lives, what it must and may be asked with.

https://www.okx.com/docs-v5/en/#overview-websocket-subscribe and the page of each channel.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from connect_portal.sandbox.wire.bars import BARS
from connect_portal.sandbox.wire.errors import WireError

PUBLIC, PRIVATE, BUSINESS = "public", "private", "business"
PATHS = frozenset((PUBLIC, PRIVATE, BUSINESS))
INST_TYPES = frozenset(("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS", "ANY"))
MINE = frozenset(("", "SPOT", "ANY"))
FIELDS = {"instType": "inst_type", "instId": "inst", "ccy": "ccy", "algoId": "algo_id"}
DEEP = "books-l2-tbt"
CHAINED = ("books", DEEP, "books50-l2-tbt")


@dataclass(frozen=True)
class Channel:
    """One channel's path, the fields an argument needs and takes, and who may listen.

    `login` = the account's own news; `top_tiers` = logged in, VIP4 and up; `counted` = so many
    connections of an account and no more.
    """

    path: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    login: bool = False
    top_tiers: bool = False
    counted: bool = False


ON_INSTRUMENT = Channel(PUBLIC, ("instId",))
TICK_BY_TICK = Channel(PUBLIC, ("instId",), top_tiers=True)
STRATEGIES = Channel(BUSINESS, ("instType",), ("instId", "algoId"), login=True)
CHANNELS = {
    "orders": Channel(PRIVATE, ("instType",), ("instId",), login=True, counted=True),
    "fills": Channel(PRIVATE, (), ("instId",), login=True, top_tiers=True),
    "account": Channel(PRIVATE, (), ("ccy",), login=True, counted=True),
    "balance_and_position": Channel(PRIVATE, login=True, counted=True),
    "positions": Channel(PRIVATE, ("instType",), ("instId",), login=True, counted=True),
    "orders-algo": STRATEGIES,
    "algo-advance": STRATEGIES,
    "tickers": ON_INSTRUMENT,
    "trades": ON_INSTRUMENT,
    "trades-all": Channel(BUSINESS, ("instId",)),
    "books": ON_INSTRUMENT,
    "books5": ON_INSTRUMENT,
    "bbo-tbt": ON_INSTRUMENT,
    DEEP: TICK_BY_TICK,
    "books50-l2-tbt": TICK_BY_TICK,
    "instruments": Channel(PUBLIC, ("instType",)),
    "status": Channel(PUBLIC),
    "price-limit": ON_INSTRUMENT,
    "index-tickers": ON_INSTRUMENT,
    **{f"candle{bar}": Channel(BUSINESS, ("instId",)) for bar in BARS},
}


@dataclass(frozen=True, slots=True)
class Topic:
    """What one subscription asks for; equal for equal subscriptions. `uid` = whose news it is;
    `events_only` = without the regular repetition of an account."""

    channel: str
    inst_type: str = ""
    inst: str = ""
    ccy: str = ""
    algo_id: str = ""
    events_only: bool = False
    uid: str = ""

    @property
    def terms(self) -> Channel:
        """The channel's row of the table."""
        return CHANNELS[self.channel]

    def arg(self) -> dict[str, str]:
        """The argument that a push repeats."""
        named = {field: getattr(self, name) for field, name in FIELDS.items()}
        shown = {"channel": self.channel, **named, "uid": self.uid}
        return {field: value for field, value in shown.items() if value}

    def covers(self, inst: str) -> bool:
        """Whether news of this instrument belongs to it."""
        return self.inst_type in MINE and self.inst in ("", inst)


def read(arg: Mapping[str, Any], path: str, instruments: Container[str]) -> Topic:
    """The topic of an argument, still nobody's. Raises 60012 (no texts), 60018 (unknown channel
    or instrument), 64001 and 64002 (another path)."""
    name = arg.get("channel")
    if not isinstance(name, str) or not all(_is_text(arg.get(field)) for field in FIELDS):
        raise WireError("60012", "args must hold texts")
    channel = CHANNELS.get(name)
    if channel is None:
        raise unknown(arg)
    if channel.path != path:
        raise _misplaced(channel, path, arg)
    wanted = (*channel.needs, *channel.takes)
    given = {FIELDS[field]: arg.get(field) or "" for field in wanted}
    topic = Topic(name, **given, events_only=_events_only(arg))
    if not all(given[FIELDS[field]] for field in channel.needs):
        raise unknown(arg)
    if topic.inst_type and topic.inst_type not in INST_TYPES:
        raise unknown(arg)
    if topic.inst and topic.inst not in instruments:
        raise unknown(arg)
    return topic


def unknown(arg: Mapping[str, Any]) -> WireError:
    """60018 with what was asked for."""
    shown = ("channel", *FIELDS)
    named = [f"{field}:{str(arg[field])[:40]}" for field in shown if arg.get(field)]
    return WireError("60018", ",".join(named))


def _misplaced(channel: Channel, path: str, arg: Mapping[str, Any]) -> WireError:
    if channel.path == BUSINESS:
        return WireError("64001")
    return WireError("64002") if path == BUSINESS else unknown(arg)


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _events_only(arg: Mapping[str, Any]) -> bool:
    """`extraParams` is a text that holds JSON: `{"updateInterval": "0"}`."""
    extra = arg.get("extraParams")
    if arg.get("channel") != "account" or not isinstance(extra, str):
        return False
    return extra.replace(" ", "").replace('"', "") == "{updateInterval:0}"
