"""What a command did, as frozen moments that the wire pushes to subscribers."""

from dataclasses import dataclass, field
from typing import Any

from connect_portal.sandbox.engine.model import Algo, Fill, Order, Trade


@dataclass(frozen=True)
class OrderChanged:
    """An order as it stood at one moment; `fill` is the execution that moved it, if one did."""

    order: Order
    fill: Fill | None = None
    req_id: str = ""
    amend_result: str = ""


@dataclass(frozen=True)
class AlgoChanged:
    """A strategy order as it stood at one moment."""

    algo: Algo


@dataclass(frozen=True)
class BalanceChanged:
    """Some balance of this account moved."""

    uid: str


@dataclass(frozen=True)
class Traded:
    """A print on the public tape."""

    inst: str
    trade: Trade


@dataclass(frozen=True)
class KeyDropped:
    """An API key is gone; whoever is logged in with it must leave."""

    api_key: str


Event = OrderChanged | AlgoChanged | BalanceChanged | Traded | KeyDropped


@dataclass
class Outcome:
    """The answer to one command: code "0" with a value, or a refusal; then what happened."""

    code: str = "0"
    detail: str = ""
    value: Any = None
    events: list[Event] = field(default_factory=list)
    books: set[str] = field(default_factory=set)
