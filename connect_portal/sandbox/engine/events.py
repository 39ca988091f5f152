"""What a command did, as frozen moments: the wire pushes them, the history keeps what is final."""

from dataclasses import dataclass, field
from typing import Any

from connect_portal.sandbox.engine.algo import Algo
from connect_portal.sandbox.engine.model import Bill, Fault, Fill, Order, Trade


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order as it stood at one moment; `fill` is the execution that moved it, if one did."""

    order: Order
    fill: Fill | None = None
    req_id: str = ""
    amend_result: str = ""


@dataclass(frozen=True, slots=True)
class AlgoChanged:
    """A strategy order as it stood at one moment."""

    algo: Algo


@dataclass(frozen=True, slots=True)
class Billed:
    """A movement of money that its owner can read in the bills."""

    bill: Bill


@dataclass(frozen=True, slots=True)
class BalanceChanged:
    """Some balance of this account moved."""

    uid: str


@dataclass(frozen=True, slots=True)
class Traded:
    """A print on the public tape; `order_id` is the taker's."""

    inst: str
    trade: Trade
    order_id: int


@dataclass(frozen=True, slots=True)
class KeyDropped:
    """An API key is gone; whoever is logged in with it must leave."""

    api_key: str


@dataclass(frozen=True, slots=True)
class FaultSet:
    """The wire is to be disturbed."""

    fault: Fault


Event = OrderChanged | AlgoChanged | Billed | BalanceChanged | Traded | KeyDropped | FaultSet


@dataclass(slots=True)
class Outcome:
    """The answer to one command: code "0" with a value, or a refusal; then what happened.

    `books` are the instruments whose book has changed.
    """

    code: str = "0"
    detail: str = ""
    value: Any = None
    events: list[Event] = field(default_factory=list)
    books: set[str] = field(default_factory=set)
