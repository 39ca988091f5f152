"""What a check looks at, and what it says. Pure Python."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from connect_portal.certification.enums import CheckState, Trial
from connect_portal.institutions.enums import Channel

GOOD: Final = "0"
TOO_MANY, UNKNOWN, DUPLICATE = "50011", "50004", "51016"


class Operation(Enum):
    """What a request was for."""

    PLACE = auto()
    STRATEGY = auto()
    AMEND = auto()
    CANCEL = auto()
    LOGIN = auto()
    OTHER = auto()


_OPERATIONS: Final = {
    "order": Operation.PLACE,
    "batch-orders": Operation.PLACE,
    "order-algo": Operation.STRATEGY,
    "amend-order": Operation.AMEND,
    "amend-batch-orders": Operation.AMEND,
    "batch-amend-orders": Operation.AMEND,
    "cancel-order": Operation.CANCEL,
    "cancel-batch-orders": Operation.CANCEL,
    "batch-cancel-orders": Operation.CANCEL,
    "login": Operation.LOGIN,
}
"""By the last word of the address, over REST and on a socket."""
_LOOK_UPS: Final = (
    "/api/v5/trade/orders-pending",
    "/api/v5/trade/orders-history",
    "/api/v5/trade/fills",
    "/api/v5/trade/fills-history",
)
ORDER_PATH: Final = "/api/v5/trade/order"


@dataclass(frozen=True, slots=True)
class Item:
    """One order of a request, as `Evidence` keeps it."""

    client_id: str = ""
    order_id: str = ""
    tag: str = ""
    intent: str = ""
    code: str = ""
    echo: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request of the client."""

    source: int
    at: datetime
    method: str
    path: str
    code: str
    held: bool = True
    client_id: str = ""
    items: tuple[Item, ...] = ()

    @property
    def operation(self) -> Operation:
        """What it was for; reading is something else."""
        if self.method == "GET":
            return Operation.OTHER
        return _OPERATIONS.get(self.path.rpartition("/")[2], Operation.OTHER)

    @property
    def clock(self) -> str:
        """When it was, as sentences say it."""
        return f"{self.at:%H:%M:%S}"

    def looks_up(self, client_id: str) -> bool:
        """Whether it asks what became of that order, or of all."""
        if self.method != "GET" or self.code != GOOD:
            # An order that was not found is an answer too: nothing was done.
            return self.method == "GET" and self.path == ORDER_PATH and self.client_id == client_id
        return self.path in _LOOK_UPS or self.client_id == client_id


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known of one channel of a run.

    ``rows`` are the client's requests, the oldest first; ``begun`` the source after which each
    trial that is under way began; ``refreshed`` how often tokens were refreshed.
    """

    code: str
    channel: Channel
    rows: Sequence[Seen]
    now: datetime
    quiet: timedelta
    begun: dict[Trial, int] = field(default_factory=dict)
    refreshed: int = 0

    @property
    def before(self) -> list[Seen]:
        """What was asked while the connection stood."""
        end = self.begun.get(Trial.FAREWELL)
        return [row for row in self.rows if end is None or row.source <= end]

    def since(self, trial: Trial) -> list[Seen] | None:
        """What was asked since a trial began; None before it."""
        begun = self.begun.get(trial)
        return None if begun is None else [row for row in self.rows if row.source > begun]

    def of(self, operation: Operation) -> list[Seen]:
        """The requests for an operation while the connection stood, the newest first."""
        return [row for row in reversed(self.before) if row.operation is operation]

    def orders(self) -> Iterator[tuple[Seen, Item]]:
        """Every plain order that was asked for, the oldest first."""
        for row in self.before:
            if row.operation is Operation.PLACE:
                for item in row.items:
                    yield row, item


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a check stands: what was seen, what to change, and the requests it rests on."""

    state: CheckState = CheckState.WAITING
    seen: str = ""
    change: str = ""
    sources: tuple[int, ...] = ()


NOTHING_YET: Final = Verdict()


def waits(seen: str, *rows: Seen) -> Verdict:
    """Something was seen that decides nothing."""
    return Verdict(CheckState.WAITING, seen, "", _sources(rows))


def passes(seen: str, *rows: Seen) -> Verdict:
    """It is as it should be."""
    return Verdict(CheckState.PASSED, seen, "", _sources(rows))


def misses(seen: str, change: str, *rows: Seen) -> Verdict:
    """It is not, and this is what to change."""
    return Verdict(CheckState.MISSED, seen, change, _sources(rows))


def _sources(rows: Iterable[Seen]) -> tuple[int, ...]:
    return tuple(row.source for row in rows)
