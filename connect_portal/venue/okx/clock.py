"""The time signatures carry: our wall clock, plus what we learnt about the venue's.

Never the business clock: a signature is checked against real time.
"""

from datetime import datetime, timedelta

from connect_portal.kit import clock


class VenueClock:
    """Wall time with an offset, shared by all calls to one venue."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The venue's time as well as we know it, aware UTC."""
        return clock.now() + self.offset

    def learn(self, venue_time: datetime, *, asked_at: datetime, answered_at: datetime) -> None:
        """Take the venue's time as that of the middle of our question and its answer."""
        self.offset = venue_time - (asked_at + (answered_at - asked_at) / 2)
