"""Strategy orders as data: what was asked (`terms`) and how far it has come (`Algo`).

Prices are ticks, sizes lots, shares of a price 1e-18 units, times milliseconds. Verbs on them are
in `strategies`.
"""

from msgspec import Struct, field
from msgspec.structs import replace

AT_MARKET = -1
"""As an order price: at market."""
FROM_TRIGGER, FROM_STOP, FROM_SLICE, FROM_TRAIL = "6", "7", "13", "25"
"""The venue's values of an order's source: which kind of strategy placed it."""
WAITING_STATES = frozenset({"live", "pause", "partially_effective"})


class Attached(Struct, omit_defaults=True):
    """A take-profit and stop-loss, or a trailing stop, born when its order is filled.

    Texts as given; in an amendment "" leaves a price as it is and "0" deletes its leg.
    """

    cl: str = ""
    tp_trigger_px: str = ""
    tp_order_px: str = ""
    sl_trigger_px: str = ""
    sl_order_px: str = ""
    callback_ratio: str = ""
    callback_spread: str = ""
    active_px: str = ""
    algo_id: int = 0


class Trigger(Struct, tag="trigger"):
    """Place an order once the last price reaches `px`, rising or falling."""

    px: int
    order_px: int
    rises: bool
    advance: str = ""
    attached: list[Attached] = field(default_factory=list)


class Stops(Struct, tag="stops"):
    """A take-profit and a stop-loss; 0 = no such leg. The first to be reached ends the other."""

    tp_px: int = 0
    tp_order_px: int = 0
    sl_px: int = 0
    sl_order_px: int = 0


class Trail(Struct, tag="trail"):
    """Sell (or buy) at market once the price falls (rises) so far from its best since the start.

    The distance is a share of the best price, or a number of ticks. `best_px` is 0 until the order
    is active.
    """

    ratio: int
    spread: int
    active_px: int
    best_px: int = 0


class Twap(Struct, tag="twap"):
    """Every `interval_ms` take up to `lots`, paying at most so far beyond the best price."""

    ratio: int
    spread: int
    lots: int
    limit_px: int
    interval_ms: int


class Iceberg(Struct, tag="iceberg"):
    """Show one order of `lots` at a time, so far away from the last price."""

    ratio: int
    spread: int
    lots: int
    limit_px: int


class StartWhen(Struct, omit_defaults=True):
    """What a smart iceberg waits for: nothing, a price, or the relative strength index.

    `side` is where the price (index) has been, "below" or "above": where a crossing comes from.
    """

    strategy: str = "instant"
    px: str = ""
    cond: str = ""
    timeframe: str = ""
    threshold: int = 0
    side: str = ""


class SmartIceberg(Struct, tag="smart"):
    """Show up to `number` orders of `lots` each, at prices that follow the book.

    `start_px` is the price that it waits for; `checked` is when it last looked at the index, after
    which trade.
    """

    lots: int
    number: int
    manner: str
    limit_px: int
    start: StartWhen
    start_px: int = 0
    started: bool = False
    checked: tuple[int, int] = (0, 0)


Terms = Trigger | Stops | Trail | Twap | Iceberg | SmartIceberg


class Algo(Struct, kw_only=True):
    """A strategy order and its progress.

    `lots` is its whole size in base, 0 for one sized in quote. `child_ids` are the orders it has
    placed, without those that went unfilled while it works on; `open_ids` the ones still open;
    `filled` and `turnover` what all of them traded. `alarm` is when it is woken next, 0 = never.
    `alias` is its caller's own id once more where that came under its older name.
    """

    algo_id: int
    uid: str
    inst: str
    kind: str
    side: str
    sz: str
    terms: Terms
    lots: int = 0
    mode: str = "cash"
    tgt: str = ""
    cl: str = ""
    alias: str = ""
    tag: str = ""
    pos_side: str = ""
    quote_ccy: str = ""
    last: int = 0
    created: int = 0
    updated: int = 0
    state: str = "live"
    actual_side: str = ""
    child_ids: list[int] = field(default_factory=list)
    open_ids: list[int] = field(default_factory=list)
    filled: int = 0
    turnover: int = 0
    triggered: int = 0
    fail_code: str = ""
    alarm: int = 0

    @property
    def buys(self) -> bool:
        """The direction of the orders it places."""
        return self.side == "buy"

    @property
    def ended(self) -> bool:
        """Whether it will place nothing more; its orders may still trade."""
        return self.state not in WAITING_STATES

    def copy(self) -> "Algo":
        """As it stands now, for whoever keeps the moment."""
        return replace(
            self,
            terms=replace(self.terms),
            child_ids=self.child_ids[:],
            open_ids=self.open_ids[:],
        )
