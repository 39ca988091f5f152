"""How much a client of the sockets may ask for.

https://www.okx.com/docs-v5/en/#overview-websocket-connect; the numbers of connections are ours and
bound what one process holds.
"""

import time
from collections import deque
from typing import Final

REQUESTS_AN_HOUR: Final = 480
"""Logins, subscriptions and their ends, and messages that are no request."""
HOUR_S: Final = 3600.0
OF_A_GRANT: Final = 10
IN_ALL: Final = 2_000
FOR_ANYBODY: Final = 200
OF_AN_ADDRESS: Final = 20
"""Connections that nobody has logged in on, in all and from one address; each may cost one to the
venue."""


class Quota:
    """Counts one connection's requests."""

    def __init__(self) -> None:
        self._taken: deque[float] = deque(maxlen=REQUESTS_AN_HOUR)

    def take(self) -> bool:
        """Count one more; False when the hour has no room for it, which then does not count."""
        moment, taken = time.monotonic(), self._taken
        if len(taken) == taken.maxlen and moment - taken[0] < HOUR_S:
            return False
        taken.append(moment)
        return True
