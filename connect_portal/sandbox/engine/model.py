"""What the exchange remembers: accounts, keys, open orders, strategies, the tape. Data only.

Amounts are 1e-18 units, prices ticks, sizes lots, times milliseconds since 1970 in UTC. What is
over (orders, fills, bills, strategies) is told once as an event and kept by `sandbox.history`.
"""

from typing import Any

from msgspec import Struct, field

from connect_portal.sandbox.engine.algo import Algo, Attached
from connect_portal.sandbox.engine.programme import Broker, Report, Standing

OPEN_STATES = frozenset({"live", "partially_filled"})
MAKER_ACCOUNT, USER_ACCOUNT, HOUSE_ACCOUNT = "maker", "user", "house"


def spelled_out(text: str) -> Any:
    """A default that is never left out of the JSON.

    msgspec leaves a text out when it is the default itself, not when it only reads the same, and
    equal states must have equal snapshots.
    """
    return field(default_factory=lambda: text)


class Wallet(Struct):
    """One currency of everybody, in two columns by account number; `held` backs resting orders.

    Columns, because what a trade costs is mostly memory to be fetched.
    """

    available: list[int]
    held: list[int]


class Fill(Struct, omit_defaults=True, gc=False):
    """One side of one trade.

    `fee` is negative when charged and positive when paid out as a maker's rebate, in `fee_ccy`.
    `counter_rebate` is what the maker on the other side was paid, in quote units. `level` is the
    account's fee tier and `usd_px` the dollars in units that one quote unit was worth, both then.
    """

    inst: str
    trade_id: int
    order_id: int
    bill_id: int
    uid: str
    cl: str
    tag: str
    side: str
    px: int
    lots: int
    liquidity: str
    fee: int
    fee_ccy: str
    fee_rate: str
    ts: int
    quote_ccy: str = ""
    counter_rebate: int = 0
    level: str = ""
    usd_px: int = 0


class Bill(Struct, gc=False):
    """One movement of one currency; `kind` and `sub` are the venue's bill type and subtype."""

    bill_id: int
    uid: str
    ccy: str
    change: int
    balance: int
    kind: str
    sub: str
    ts: int
    fee: int = 0
    fill: Fill | None = None


class Order(Struct, omit_defaults=True, gc=False):
    """An order and its progress.

    `owner` is the number of its account. `px` is 0 for a market order, `lots` 0 for one sized in
    quote. A limit order holds what its open lots need; `hold` is what a market order has set aside,
    in units, and `budget` the quote units that one sized in quote may still spend or earn (below 0
    for one sized in base); `worst` is the last price at which it may trade, 0 = any.
    """

    order_id: int
    uid: str
    owner: int
    buys: bool
    px: int
    lots: int
    filled: int = 0
    hold: int = 0
    budget: int = -1
    worst: int = 0
    stp: str = spelled_out("cancel_maker")
    inst: str = ""
    kind: str = spelled_out("limit")
    mode: str = spelled_out("cash")
    sz: str = ""
    tgt: str = ""
    cl: str = ""
    tag: str = ""
    pos_side: str = ""
    quote_ccy: str = ""
    created: int = 0
    updated: int = 0
    priority: int = 0
    state: str = spelled_out("live")
    turnover: int = 0
    fee: int = 0
    fee_ccy: str = ""
    rebate: int = 0
    last_fill: Fill | None = None
    cancel_source: str = ""
    source: str = ""
    algo_id: int = 0
    algo_cl: str = ""
    attached: tuple[Attached, ...] = ()

    @property
    def open_lots(self) -> int:
        """What an order sized in base still wants."""
        return self.lots - self.filled

    @property
    def side(self) -> str:
        """The wire's word for the direction."""
        return "buy" if self.buys else "sell"

    @property
    def is_open(self) -> bool:
        """Whether it may still trade."""
        return self.state in OPEN_STATES


class Key(Struct, gc=False):
    """An API key. The secret stays readable because signatures are computed with it."""

    api_key: str
    uid: str
    secret: str
    passphrase_hash: str
    perm: str
    ip: str
    label: str
    created: int


class Account(Struct):
    """A venue account.

    `number` is its place in the columns of every wallet, by the order of opening. `level` is the
    fee tier in force ("Regular", "VIP1" to "VIP9"); a `pinned` one is not recalculated. `volumes`
    is the USD turnover in units by UTC day number, for 30 days. `open_orders` and `open_algos` are
    ids by instrument; ids in `order_of_cl` and `algo_of_cl` are of open ones, attached ones of open
    orders included. `countdowns` is when cancel-all-after strikes, by tag.
    """

    uid: str
    label: str
    reference: str
    kind: str
    created: int
    number: int
    region: str = "us"
    level: str = "Regular"
    pinned: bool = False
    position_mode: str = "net_mode"
    open_orders: dict[str, dict[int, None]] = field(default_factory=dict)
    open_algos: dict[str, dict[int, None]] = field(default_factory=dict)
    order_of_cl: dict[str, int] = field(default_factory=dict)
    algo_of_cl: dict[str, int] = field(default_factory=dict)
    volumes: dict[int, int] = field(default_factory=dict)
    countdowns: dict[str, int] = field(default_factory=dict)
    faucets: dict[str, str] = field(default_factory=dict)
    updated: int = 0


class Trade(Struct, array_like=True, gc=False):
    """One print on the public tape; `side` is the taker's."""

    trade_id: int
    px: int
    lots: int
    side: str
    ts: int


class Candle(Struct, array_like=True, gc=False):
    """One minute with at least one trade; `turnover` in 1e-18 units of quote."""

    minute: int
    open: int
    high: int
    low: int
    close: int
    lots: int
    turnover: int


class Tape(Struct):
    """What one instrument has traded, newest last; `hours` are those of minutes that fell off."""

    last_trade_id: int = 0
    trades: list[Trade] = field(default_factory=list)
    candles: list[Candle] = field(default_factory=list)
    hours: list[Candle] = field(default_factory=list)

    @property
    def last_px(self) -> int:
        """The price of the last trade in ticks, 0 before the first one."""
        return self.trades[-1].px if self.trades else 0


class Fault(Struct, gc=False):
    """A disturbance of the wire, made to order: `kind` at `path` ("" = all) for `uid` ("" = all).

    `code` is what a refusal says, `ms` how long or how far, `times` how often (0 = until cleared).
    """

    fault_id: int
    kind: str
    uid: str = ""
    path: str = ""
    code: str = ""
    ms: int = 0
    times: int = 0


class Timer(Struct, order=True, array_like=True, gc=False):
    """Something that will be due: which of the exchange's alarms, and for what."""

    at: int
    number: int
    alarm: str
    key: str


class State(Struct, omit_defaults=True):
    """Everything the exchange must not forget; the books are rebuilt from the open orders.

    `offset_ms` is how far business time runs ahead of the wall clock; `last_ts` is business time.
    `wallets` are by currency; `timers` is a heap. `algos` are those that may still place an order
    or have one open. `brokers` are by code, `clients`, `reports` and when a report was `asked` for
    last by account.
    """

    last_id: int = 0
    last_ts: int = 0
    offset_ms: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)
    uid_of_reference: dict[str, str] = field(default_factory=dict)
    wallets: dict[str, Wallet] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    algos: dict[int, Algo] = field(default_factory=dict)
    tapes: dict[str, Tape] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    brokers: dict[str, Broker] = field(default_factory=dict)
    clients: dict[str, list[Standing]] = field(default_factory=dict)
    reports: dict[str, list[Report]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
