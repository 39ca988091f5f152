"""Everything that can change the exchange, as data. A command's line in the journal is its JSON.

`ts` is stamped by the store, in business time, when the command enters the queue; texts are as the
caller wrote them.
"""

from msgspec import Struct, field

from connect_portal.sandbox.engine.algo import Attached, StartWhen
from connect_portal.sandbox.engine.programme import CAP, REPORT_MS


class Command(Struct, kw_only=True, tag_field="op", omit_defaults=True):
    """Common to all commands: when it entered, in milliseconds since 1970 in UTC."""

    ts: int = 0


class OpenAccount(Command, tag="open-account"):
    """Open an account; the same reference finds the same account again."""

    reference: str
    label: str
    kind: str = "user"
    region: str = "us"


class Faucet(Command, tag="faucet"):
    """Give test money from the house; the same reference gives once."""

    uid: str
    reference: str
    ccy: str
    amt: str


class SetLevel(Command, tag="set-level"):
    """Pin the account to a fee tier, or with "" let assets and volume decide again."""

    uid: str
    level: str


class AddKey(Command, tag="add-key"):
    """Add an API key made by the caller (secrets are drawn outside the deterministic core)."""

    uid: str
    api_key: str
    secret: str
    passphrase_hash: str
    perm: str
    ip: str = ""
    label: str = ""


class DropKey(Command, tag="drop-key"):
    """Delete an API key; deleting it again changes nothing."""

    uid: str
    api_key: str


class SetPositionMode(Command, tag="set-position-mode"):
    """Store the account's position mode (spot only echoes it)."""

    uid: str
    mode: str


class Place(Command, tag="place"):
    """Place a spot order; sizes and prices are decimal texts.

    `slippage` is how far a market order may go from the best price, in ten-thousandths; -1 = any.
    """

    uid: str
    inst: str
    side: str
    kind: str
    sz: str
    px: str = ""
    tgt: str = ""
    cl: str = ""
    tag: str = ""
    stp: str = "cancel_maker"
    mode: str = "cash"
    quote_ccy: str = ""
    ban_amend: bool = False
    slippage: int = -1
    attached: list[Attached] = field(default_factory=list)


class Cancel(Command, tag="cancel"):
    """Cancel an open order by its id, or by the caller's own id where `order_id` is 0."""

    uid: str
    inst: str
    order_id: int = 0
    cl: str = ""


class Amend(Command, tag="amend"):
    """Change the total size or the price of an open order, or what is attached to it."""

    uid: str
    inst: str
    order_id: int = 0
    cl: str = ""
    new_sz: str = ""
    new_px: str = ""
    req_id: str = ""
    cancel_on_fail: bool = False
    attached: list[Attached] = field(default_factory=list)


class MassQuote(Command, tag="mass-quote"):
    """Replace a market maker's quotes at the prices named: `[ticks, lots]`, 0 lots to withdraw."""

    uid: str
    inst: str
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]


class CancelAllAfter(Command, tag="cancel-all-after"):
    """Cancel the account's open orders (of a tag, or all) unless told again in time; 0 = never."""

    uid: str
    timeout_s: int
    tag_of_orders: str = ""


class PlaceAlgo(Command, tag="place-algo"):
    """Place a strategy order of a kind; what other kinds ask for stays empty.

    Texts as on the wire; "-1" as an order price = at market. `parts` is how many orders a smart
    iceberg shows at once; `alias` as in `Algo`.
    """

    uid: str
    inst: str
    kind: str
    side: str
    sz: str
    mode: str = "cash"
    tgt: str = ""
    cl: str = ""
    alias: str = ""
    tag: str = ""
    pos_side: str = ""
    quote_ccy: str = ""
    trigger_px: str = ""
    order_px: str = ""
    advance: str = ""
    attached: list[Attached] = field(default_factory=list)
    tp_trigger_px: str = ""
    tp_order_px: str = ""
    sl_trigger_px: str = ""
    sl_order_px: str = ""
    callback_ratio: str = ""
    callback_spread: str = ""
    active_px: str = ""
    px_var: str = ""
    px_spread: str = ""
    sz_limit: str = ""
    px_limit: str = ""
    interval_s: int = 0
    parts: int = 0
    aggressiveness: str = ""
    start: StartWhen | None = None


class AmendAlgo(Command, tag="amend-algo"):
    """Change the size or the prices of a waiting plan order or of stops; "0" deletes a leg."""

    uid: str
    inst: str
    algo_id: int = 0
    cl: str = ""
    new_sz: str = ""
    new_trigger_px: str = ""
    new_order_px: str = ""
    new_tp_trigger_px: str = ""
    new_tp_order_px: str = ""
    new_sl_trigger_px: str = ""
    new_sl_order_px: str = ""
    cancel_on_fail: bool = False


class CancelAlgo(Command, tag="cancel-algo"):
    """Cancel a waiting strategy order."""

    uid: str
    inst: str
    algo_id: int = 0
    cl: str = ""


class SetFault(Command, tag="set-fault"):
    """Disturb the wire; see `model.Fault`."""

    kind: str
    uid: str = ""
    path: str = ""
    code: str = ""
    ms: int = 0
    times: int = 0


class ClearFaults(Command, tag="clear-faults"):
    """End one disturbance, or with 0 all of them."""

    fault_id: int = 0


class SeedTape(Command, tag="seed-tape"):
    """Lay down a past where an instrument has none: invented minutes that end at `px` ticks.

    `lots` is what a usual minute trades, `swing` how far it moves in millionths of the price.
    """

    inst: str
    px: int
    lots: int
    swing: int
    minutes: int
    seed: int


class SetBroker(Command, tag="set-broker"):
    """Give an account a broker code, or change its terms; fields as in `programme`."""

    uid: str
    code: str
    kind: str
    rate: int
    affiliated_rate: int
    sub_share: int = 0
    client_share: int = 0
    monthly_cap: int = CAP
    valid_until: int = 0
    report_ms: int = REPORT_MS


class SetClient(Command, tag="set-client"):
    """Say what an account has agreed besides; fields as in `programme`."""

    uid: str
    affiliated: bool = False
    affiliate_share: int = 0
    card_share: int = 0
    special_rate: bool = False
    managed: bool = False


class AskReport(Command, tag="ask-report"):
    """Ask for a broker's rebates from one `YYYYMMDD` to another; the caller draws the secret."""

    uid: str
    begin: str
    end: str
    secret: str
    kind: str = ""


class MoveClock(Command, tag="move-clock"):
    """Move the business clock: from now on it runs `offset_ms` ahead of the wall clock."""

    offset_ms: int


class Tick(Command, tag="tick"):
    """Nothing but the time: what is due by now happens."""


AnyCommand = (
    OpenAccount
    | Faucet
    | SetLevel
    | AddKey
    | DropKey
    | SetPositionMode
    | Place
    | Cancel
    | Amend
    | MassQuote
    | CancelAllAfter
    | PlaceAlgo
    | AmendAlgo
    | CancelAlgo
    | SetFault
    | ClearFaults
    | SeedTape
    | SetBroker
    | SetClient
    | AskReport
    | MoveClock
    | Tick
)
