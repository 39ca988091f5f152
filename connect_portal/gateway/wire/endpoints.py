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
class Rate:
    """At most ``count`` in ``seconds`` for each grant, each instrument apart or all together.

    Endpoints of one ``name`` share their count. A batch counts its orders.
    https://www.okx.com/docs-v5/en/#overview-rate-limits and the page of each endpoint.
    """

    name: str
    count: int
    seconds: int = 2
    per_instrument: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address and method. ``most`` is how many orders its body may hold; ``alone`` is the rate
    of a batch of one, which counts as a single order. ``paged_by`` names the key of its rows where
    it lists orders or fills."""

    kind: Kind
    rate: Rate
    operation: Operation | None = None
    most: int = 1
    alone: Rate | None = None
    paged_by: str = ""

    def rate_of(self, orders: int) -> Rate:
        """The rate that a request of so many orders is counted under."""
        return self.alone if self.alone and orders == 1 else self.rate


def _single(name: str) -> Rate:
    return Rate(name, 60, per_instrument=True)


def _many(name: str, operation: Operation) -> Endpoint:
    rate = Rate(f"{name} many", 300, per_instrument=True)
    return Endpoint(Kind.WRITE, rate, operation, MANY, _single(name))


def _read(path: str, count: int, seconds: int = 2, paged_by: str = "") -> tuple[str, Endpoint]:
    return path, Endpoint(Kind.READ, Rate(f"read {path}", count, seconds), paged_by=paged_by)


_PUBLIC_PATH: Final = re.compile(r"(?:public|market)/[a-z0-9-]+|system/status", re.ASCII)
_PUBLIC: Final = Endpoint(Kind.PUBLIC, Rate("public", 100))
"""All public data together, for each address: the venue counts what we ask by ours."""
_READS: Final = dict(
    (
        _read("account/balance", 10),
        _read("account/config", 5),
        _read("account/instruments", 20),
        _read("account/trade-fee", 5),
        _read("asset/balances", 6, 1),
        _read("asset/currencies", 6, 1),
        _read("trade/fills", 60, paged_by="billId"),
        _read("trade/fills-history", 10, paged_by="billId"),
        _read("trade/orders-history", 40, paged_by="ordId"),
        _read("trade/orders-history-archive", 20, paged_by="ordId"),
        _read("trade/orders-pending", 60, paged_by="ordId"),
    )
)
ONE_ORDER: Final = Endpoint(
    Kind.READ, Rate("read trade/order", 60, per_instrument=True), paged_by="ordId"
)
_STRATEGIES: Final = Rate("strategies", 20)
_WRITES: Final = {
    "trade/order": Endpoint(Kind.WRITE, _single("place"), Operation.PLACE),
    "trade/batch-orders": _many("place", Operation.PLACE),
    "trade/cancel-order": Endpoint(Kind.WRITE, _single("cancel"), Operation.CANCEL),
    "trade/cancel-batch-orders": _many("cancel", Operation.CANCEL),
    "trade/amend-order": Endpoint(Kind.WRITE, _single("amend"), Operation.AMEND),
    "trade/amend-batch-orders": _many("amend", Operation.AMEND),
    "trade/order-algo": Endpoint(Kind.STRATEGY, _STRATEGIES, Operation.STRATEGY),
    "trade/amend-algos": Endpoint(Kind.STRATEGY, _STRATEGIES, Operation.STRATEGY),
    "trade/cancel-algos": Endpoint(Kind.STRATEGY, _STRATEGIES, Operation.STRATEGY, MANY),
    "trade/cancel-advance-algos": Endpoint(Kind.STRATEGY, _STRATEGIES, Operation.STRATEGY, MANY),
}
_FAST_API: Final = ("users/oauth/apikey", "users/oauth/delete-apikey")
_STRATEGY_READS: Final = (
    "trade/order-algo",
    "trade/orders-algo-pending",
    "trade/orders-algo-history",
)
_TABLE: Final = {
    ("GET", "trade/order"): ONE_ORDER,
    **{("GET", path): endpoint for path, endpoint in _READS.items()},
    **{("GET", path): Endpoint(Kind.STRATEGY, _STRATEGIES) for path in _STRATEGY_READS},
    **{("POST", path): endpoint for path, endpoint in _WRITES.items()},
    **{("POST", path): Endpoint(Kind.FAST_API, Rate("fast api", 5)) for path in _FAST_API},
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
