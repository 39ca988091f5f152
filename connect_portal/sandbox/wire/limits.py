"""How often a caller may ask: every published limit, and the counts of what was asked.

An endpoint declares its limit in the table of endpoints; those that share a count share the
object. Private requests count per account, public ones per address. Whoever answers requests asks
the `Limiter` first. Figures: https://www.okx.com/docs-v5/en/#overview-rate-limits and the page of
each endpoint.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connect_portal.sandbox.wire.errors import WireError

CALLERS_KEPT = 10_000


@dataclass(frozen=True, eq=False)
class Limit:
    """At most `count` in any `seconds`, for each caller and each value of the parameter `per`.

    With `of_orders` it is the orders of a request that count, one by one, not the request. One in
    `business_time` the exchange counts itself, so that a moved clock brings the next turn.
    """

    count: int
    seconds: int = 2
    per: str = ""
    of_orders: bool = False
    business_time: bool = False

    def __str__(self) -> str:
        span = "1 s" if self.seconds == 1 else f"{self.seconds} s"
        return f"{self.count}/{span}" + (f" per {self.per}" if self.per else "")


PLACE = Limit(60, per="instId", of_orders=True)
CANCEL = Limit(60, per="instId", of_orders=True)
AMEND = Limit(60, per="instId", of_orders=True)
PLACE_MANY = Limit(300, per="instId", of_orders=True)
CANCEL_MANY = Limit(300, per="instId", of_orders=True)
AMEND_MANY = Limit(300, per="instId", of_orders=True)
NEW_AND_AMENDED = Limit(1000, of_orders=True)
"""Of one account on all instruments together; more answers 50061."""


class Limiter:
    """Counts in windows that open with a caller's first request and close by themselves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[tuple[Limit, str, str], list[float]] = {}
        self._sweep_at = CALLERS_KEPT
        self._under_way: dict[tuple[Any, ...], int] = {}

    def under_way(self, what: tuple[Any, ...]) -> int:
        """How much of this was begun and has not ended."""
        return self._under_way.get(what, 0)

    def enter(self, what: tuple[Any, ...]) -> None:
        """Something was begun."""
        self._under_way[what] = self.under_way(what) + 1

    def leave(self, what: tuple[Any, ...]) -> None:
        """It has ended."""
        if self._under_way[what] == 1:
            del self._under_way[what]
        else:
            self._under_way[what] -= 1

    def take(self, limit: Limit, caller: str, part: str = "") -> bool:
        """Count one more; False when the window has no room for it, which then does not count."""
        key, now = (limit, caller, part), self._clock()
        window = self._windows.get(key)
        if window is None or now >= window[0]:
            if len(self._windows) >= self._sweep_at:
                self._sweep(now)
            self._windows[key] = [now + limit.seconds, 1]
            return True
        if window[1] >= limit.count:
            return False
        window[1] += 1
        return True

    def refuse_excess(self, limit: Limit | None, caller: str, given: Any) -> None:
        """Count a request with these parameters. Raises 50011 when it is one too many."""
        if limit is None or limit.of_orders or limit.business_time:
            return
        part = given.get(limit.per) if limit.per and isinstance(given, Mapping) else ""
        if not self.take(limit, caller, part[:32] if isinstance(part, str) else ""):
            raise WireError("50011")

    def _sweep(self, now: float) -> None:
        """Forget windows that have closed, so that memory follows those who are calling now."""
        self._windows = {key: window for key, window in self._windows.items() if window[0] > now}
        self._sweep_at = max(CALLERS_KEPT, 2 * len(self._windows))
