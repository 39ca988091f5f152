"""What the exchange remembers: accounts, keys, orders, fills, strategies, the tape. Data only.

Amounts are 1e-18 units, prices ticks, sizes lots, times milliseconds since 1970 in UTC.
"""

from msgspec import Struct, field

OPEN_STATES = frozenset({"live", "partially_filled"})
MAKER_ACCOUNT, USER_ACCOUNT, HOUSE_ACCOUNT = "maker", "user", "house"


class Balance(Struct):
    """One currency of one account; `held` backs resting orders."""

    available: int = 0
    held: int = 0


class Fill(Struct):
    """One side of one trade; `fee` is negative when charged, in `fee_ccy`."""

    inst: str
    trade_id: int
    order_id: int
    bill_id: int
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


class Bill(Struct):
    """One movement of one currency; `kind` and `sub` are the venue's bill type and subtype."""

    bill_id: int
    ccy: str
    change: int
    balance: int
    kind: str
    sub: str
    ts: int
    fee: int = 0
    fill: Fill | None = None


class Order(Struct):
    """An order and its progress. `lots` is 0 for a market order sized in quote (`budget` rules)."""

    order_id: int
    uid: str
    inst: str
    side: str
    kind: str
    mode: str
    px: int
    lots: int
    budget: int
    sz: str
    tgt: str
    cl: str
    tag: str
    stp: str
    quote_ccy: str
    created: int
    updated: int
    priority: int
    state: str = "live"
    filled: int = 0
    turnover: int = 0
    hold: int = 0
    fee: int = 0
    fee_ccy: str = ""
    last_fill: Fill | None = None
    cancel_source: str = ""
    source: str = ""
    algo_id: int = 0
    algo_cl: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def open_lots(self) -> int:
        return self.lots - self.filled


class Algo(Struct):
    """A strategy order: waits for the last price to reach a trigger, then places one order."""

    algo_id: int
    uid: str
    inst: str
    kind: str
    side: str
    mode: str
    sz: str
    tgt: str
    cl: str
    tag: str
    last: int
    created: int
    updated: int
    trigger_px: int = 0
    order_px: int = 0
    trigger_up: bool = True
    advance: str = ""
    tp_trigger_px: int = 0
    tp_order_px: int = 0
    sl_trigger_px: int = 0
    sl_order_px: int = 0
    state: str = "live"
    actual_side: str = ""
    child_id: int = 0
    triggered: int = 0
    fail_code: str = ""


class Key(Struct):
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
    """A venue account. History is ids in the order of events; the newest is last."""

    uid: str
    label: str
    reference: str
    kind: str
    created: int
    position_mode: str = "net_mode"
    balances: dict[str, Balance] = field(default_factory=dict)
    open_orders: dict[int, None] = field(default_factory=dict)
    open_algos: dict[int, None] = field(default_factory=dict)
    order_ids: list[int] = field(default_factory=list)
    algo_ids: list[int] = field(default_factory=list)
    order_of_cl: dict[str, int] = field(default_factory=dict)
    algo_of_cl: dict[str, int] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    faucets: dict[str, str] = field(default_factory=dict)
    updated: int = 0


class Trade(Struct):
    """One print on the public tape; `side` is the taker's."""

    trade_id: int
    px: int
    lots: int
    side: str
    ts: int


class Candle(Struct):
    """One minute with at least one trade; `turnover` in 1e-18 units of quote."""

    minute: int
    open: int
    high: int
    low: int
    close: int
    lots: int
    turnover: int


class Tape(Struct):
    """What one instrument has traded, newest last."""

    last_trade_id: int = 0
    trades: list[Trade] = field(default_factory=list)
    candles: list[Candle] = field(default_factory=list)

    @property
    def last_px(self) -> int:
        return self.trades[-1].px if self.trades else 0


class State(Struct):
    """Everything the exchange knows; the books are rebuilt from the open orders.

    `offset_ms` is how far business time runs ahead of the wall clock; `last_ts` is business time.
    """

    last_id: int = 0
    last_ts: int = 0
    offset_ms: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)
    uid_of_reference: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    algos: dict[int, Algo] = field(default_factory=dict)
    tapes: dict[str, Tape] = field(default_factory=dict)
