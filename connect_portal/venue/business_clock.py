"""The time that orders, fills, periods and review clocks follow.

On a real venue that is the wall clock. The sandbox may run ahead of it (`sandbox_operator.clock`),
and never behind; signatures, tokens, limits and sign-ins stay on the wall clock (`kit.clock`).
"""

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Final

from connect_portal.kit.clock import now
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError

log = logging.getLogger(__name__)

ASK_EVERY_S: Final = 1.0
"""How long a told offset is good for: a page asks the sandbox once, not at every line."""

_lock = threading.Lock()
_offset = timedelta(0)
_asked_at: float | None = None
_answers = True


def business_now() -> datetime:
    """The present moment in business time, aware, in UTC. Blocking; never inside a transaction.

    While the sandbox does not answer, the last offset it told this process holds (none before the
    first). Offsets only grow, so the answer is then at worst too early: nothing closes too soon.
    """
    return now() + ahead()


def ahead() -> timedelta:
    """How far business time runs ahead of the wall clock; blocking like `business_now`."""
    return _current_offset() if sandbox_operator.available() else timedelta(0)


def forget() -> None:
    """Forget what was told, for whoever has just moved the clock or changed the venue."""
    global _offset, _asked_at
    with _lock:
        _offset, _asked_at = timedelta(0), None


def _current_offset() -> timedelta:
    global _offset, _asked_at, _answers
    with _lock:
        if _asked_at is None or time.monotonic() - _asked_at >= ASK_EVERY_S:
            try:
                _offset = sandbox_operator.clock().offset
                _answers = True
            except VenueError as error:
                if _answers:
                    log.warning("the business clock does not answer: %s", error)
                _answers = False
            _asked_at = time.monotonic()
        return _offset
