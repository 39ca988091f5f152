"""What a command did, as frozen moments: the wire pushes them, the history keeps what is final."""

from typing import Any

from msgspec import Struct, field

from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.model import Bill, Fault, Fill, Order, Trade


class OrderChanged(Struct, frozen=True, gc=False):
    """An order as it stood at one moment; `fill` is the execution that moved it, if one did."""

    order: Order
    fill: Fill | None = None
    req_id: str = ""
    amend_result: str = ""


class AlgoChanged(Struct, frozen=True, gc=False):
    """A strategy order as it stood at one moment."""

    algo: Algo


class Billed(Struct, frozen=True, gc=False):
    """A movement of money that its owner can read in the bills."""

    bill: Bill


class BalanceChanged(Struct, frozen=True, gc=False):
    """Some balance of this account moved."""

    uid: str


class Traded(Struct, frozen=True, gc=False):
    """A print on the public tape; `order_id` is the taker's."""

    inst: str
    trade: Trade
    order_id: int


class KeyDropped(Struct, frozen=True, gc=False):
    """An API key is gone; whoever is logged in with it must leave."""

    api_key: str


class FaultSet(Struct, frozen=True, gc=False):
    """The wire is to be disturbed."""

    fault: Fault


Event = OrderChanged | AlgoChanged | Billed | BalanceChanged | Traded | KeyDropped | FaultSet


class Outcome(Struct, gc=False):
    """The answer to one command: code "0" with a value, or a refusal; then what happened.

    `books` are the instruments whose book has changed.
    """

    code: str = "0"
    detail: str = ""
    value: Any = None
    events: list[Event] = []
    books: set[str] = field(default_factory=set)
