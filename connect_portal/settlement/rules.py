"""Rules of this room: how amounts are rounded for paying, and who may do what."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Final

from connect_portal.facts import DOLLARS
from connect_portal.people.enums import StaffRole

if TYPE_CHECKING:
    from connect_portal.people.models import Person

DOLLAR_PLACES: Final = 2
COIN_PLACES: Final = 8
_WIDE: Final = Context(prec=96)


def payout_places(currency: str) -> int:
    """How many fraction digits are paid: cents of a dollar, the eight places of coins."""
    return DOLLAR_PLACES if currency in DOLLARS else COIN_PLACES


def rounded(exact: Decimal, currency: str) -> Decimal:
    """``exact`` on the payout scale of its currency, half-even. The one place that rounds."""
    unit = Decimal(1).scaleb(-payout_places(currency))
    return exact.quantize(unit, ROUND_HALF_EVEN, _WIDE)


def end_of(day: date) -> datetime:
    """The first moment after ``day`` in UTC (the calendar ends with the start of its last day)."""
    return datetime.combine(min(day, date.max - timedelta(days=1)), time(), UTC) + timedelta(days=1)


def may_close(person: "Person") -> bool:
    """Whether the person closes days."""
    return person.is_active and person.staff_role == StaffRole.FINANCE


def may_issue(person: "Person") -> bool:
    """Whether the person issues statements."""
    return person.is_active and person.staff_role == StaffRole.COMPLIANCE
