"""What the gateway lets through, as data. An address that is not here does not exist.

https://www.okx.com/docs-v5/en/#order-book-trading-trade
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused

MANY: Final = 20
"""Orders in one batch."""


class Kind(Enum):
    """What an endpoint needs."""

    PUBLIC = auto()
    READ = auto()
    WRITE = auto()
    STRATEGY = auto()
    FAST_API = auto()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address and method. ``most`` is how many orders its body may hold."""

    kind: Kind
    operation: Operation | None = None
    most: int = 1


_PUBLIC: Final = Endpoint(Kind.PUBLIC)
_READ: Final = Endpoint(Kind.READ)
_PUBLIC_PATH: Final = re.compile(r"(?:public|market)/[a-z0-9-]+|system/status", re.ASCII)
_READS: Final = (
    "account/balance",
    "account/config",
    "account/instruments",
    "account/trade-fee",
    "asset/balances",
    "asset/currencies",
    "trade/fills",
    "trade/fills-history",
    "trade/order",
    "trade/orders-history",
    "trade/orders-history-archive",
    "trade/orders-pending",
)
_WRITES: Final = {
    "trade/order": Endpoint(Kind.WRITE, Operation.PLACE),
    "trade/batch-orders": Endpoint(Kind.WRITE, Operation.PLACE, MANY),
    "trade/cancel-order": Endpoint(Kind.WRITE, Operation.CANCEL),
    "trade/cancel-batch-orders": Endpoint(Kind.WRITE, Operation.CANCEL, MANY),
    "trade/amend-order": Endpoint(Kind.WRITE, Operation.AMEND),
    "trade/amend-batch-orders": Endpoint(Kind.WRITE, Operation.AMEND, MANY),
    "trade/order-algo": Endpoint(Kind.STRATEGY, Operation.STRATEGY),
    "trade/amend-algos": Endpoint(Kind.STRATEGY, Operation.STRATEGY),
    "trade/cancel-algos": Endpoint(Kind.STRATEGY, Operation.STRATEGY, MANY),
    "trade/cancel-advance-algos": Endpoint(Kind.STRATEGY, Operation.STRATEGY, MANY),
}
_FAST_API: Final = ("users/oauth/apikey", "users/oauth/delete-apikey")
_STRATEGY_READS: Final = (
    "trade/order-algo",
    "trade/orders-algo-pending",
    "trade/orders-algo-history",
)
_TABLE: Final = {
    **{("GET", path): _READ for path in _READS},
    **{("GET", path): Endpoint(Kind.STRATEGY) for path in _STRATEGY_READS},
    **{("POST", path): endpoint for path, endpoint in _WRITES.items()},
    **{("POST", path): Endpoint(Kind.FAST_API) for path in _FAST_API},
}
_PATHS: Final = {path for _, path in _TABLE}


def find(method: str, path: str) -> Endpoint | None:
    """The endpoint of a path below ``/api/v5/``, spelled as on the wire; None if there is none.

    Raises Refused (50115) when it is there for another method.
    """
    if found := _TABLE.get((method, path)):
        return found
    is_public = _PUBLIC_PATH.fullmatch(path) is not None
    if is_public and method == "GET":
        return _PUBLIC
    if is_public or path in _PATHS:
        raise Refused("50115")
    return None
