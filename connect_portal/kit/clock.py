"""Time as everyone here means it: aware, UTC, and epoch milliseconds on the wire."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def from_ms(milliseconds: int | str) -> datetime:
    """The moment that many milliseconds after the epoch, exact to the millisecond."""
    return _EPOCH + int(milliseconds) * _MILLISECOND


def to_ms(moment: datetime) -> int:
    """Whole milliseconds from the epoch to ``moment``, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def iso(moment: datetime) -> str:
    """``moment`` as RFC 3339 UTC with microseconds: ``2026-11-22T10:00:00.000000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_us(microseconds: int) -> datetime:
    """The moment that many microseconds after the epoch."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_us(moment: datetime) -> int:
    """Microseconds from the epoch to ``moment``, as exact as a moment is kept."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
