"""How much a client of the WebSocket wire may ask for, and who keeps count.

Figures: https://www.okx.com/docs-v5/en/#overview-websocket-connect, the notes on each channel and
the close codes of the same documents; those marked ours bound this process's memory.
"""

from collections import deque
from dataclasses import dataclass

HOUR_S = 3600.0
ADDRESSES_KEPT = 1000


@dataclass(frozen=True)
class Limits:
    """Every limit of a connection; seconds and bytes.

    `patience_s` is how long a connection over `connects_per_s` waits for its turn before it is
    refused; it, `send_buffer`, `topics` and `topics_of_all` are ours.
    """

    connects_per_s: int = 3
    patience_s: float = 8.0
    requests_per_hour: int = 480
    silence_s: float = 30.0
    message_size: int = 64 * 1024
    send_buffer: int = 4 * 1024 * 1024
    listeners_per_channel: int = 30
    topics_of_key: int = 100
    topics: int = 1000
    topics_of_all: int = 100_000


class Pace:
    """Lets each address open so many connections in any second; the next ones wait their turn."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._turns: dict[str, deque[float]] = {}

    def reserve(self, address: str, now: float) -> float | None:
        """Seconds until the address may connect once more; None when the wait is too long."""
        turns = self._turns.get(address)
        if turns is None:
            if len(self._turns) >= ADDRESSES_KEPT:
                self._forget(now)
            turns = self._turns[address] = deque(maxlen=self._limits.connects_per_s)
        full = len(turns) == self._limits.connects_per_s
        turn = max(now, turns[0] + 1.0) if full else now
        if turn - now > self._limits.patience_s:
            return None
        turns.append(turn)
        return turn - now

    def _forget(self, now: float) -> None:
        self._turns = {at: turns for at, turns in self._turns.items() if turns[-1] > now - 1.0}


class Quota:
    """Counts one connection's requests; as many as allowed in any hour."""

    def __init__(self, limits: Limits) -> None:
        self._taken: deque[float] = deque(maxlen=limits.requests_per_hour)

    def take(self, now: float) -> bool:
        """Count one more; False when the hour has no room for it, which then does not count."""
        taken = self._taken
        if len(taken) == taken.maxlen and now - taken[0] < HOUR_S:
            return False
        taken.append(now)
        return True
