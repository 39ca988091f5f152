"""The canonical text of a statement and its hash. Pure Python.

The hash is the SHA-256 of the bytes of the exported file, so that ``sha256sum`` proves it. The
text is JSON with sorted keys, no blanks, UTF-8, amounts and rates as plain decimal strings.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Context, Decimal, Inexact
from typing import Any, Final

from connect_portal.kit.clock import iso
from connect_portal.kit.money import plain

EXACT: Final = Context(prec=96, traps=[Inexact])
"""Sums of any number of stored amounts, every digit of them, or an error."""
ORIGIN: Final = "0" * 64
"""What the first statement of an institution names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """Whose statement it is, for which day, and what came before it."""

    venue: str
    institution: int
    institution_name: str
    number: int
    day: date
    previous_hash: str


@dataclass(frozen=True, slots=True)
class Line:
    """The sum of one pair and currency on one day."""

    day: date
    instrument: str
    currency: str
    fills: int
    fee: Decimal
    exact: Decimal
    payable: Decimal


@dataclass(frozen=True, slots=True)
class Stated:
    """One fill as the statement tells it: the venue's own words, and what it earned."""

    account: str
    bill_id: str
    trade_id: str
    order_id: str
    filled_at: datetime
    fee: Decimal
    plan_version: int
    level: int
    rate: Decimal
    commission: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Total:
    """One currency of a statement: ``exact`` is what is payable plus what is carried."""

    currency: str
    fills: int
    exact: Decimal
    payable: Decimal

    @property
    def carried(self) -> Decimal:
        """What rounding left over; negative where it gave more."""
        return EXACT.subtract(self.exact, self.payable)


def totals(lines: Iterable[Line]) -> list[Total]:
    """The sums of the lines by currency, in alphabetical order."""
    sums: dict[str, Total] = {}
    for line in lines:
        old = sums.get(line.currency, Total(line.currency, 0, Decimal(0), Decimal(0)))
        sums[line.currency] = Total(
            line.currency,
            old.fills + line.fills,
            EXACT.add(old.exact, line.exact),
            EXACT.add(old.payable, line.payable),
        )
    return [sums[currency] for currency in sorted(sums)]


def content(head: Head, lines: Sequence[tuple[Line, Iterable[Stated]]]) -> bytes:
    """The canonical bytes of a statement, every line opened down to its fills."""
    whole = {
        "format": 1,
        "statement": asdict(head),
        "totals": [
            asdict(total) | {"carried": total.carried}
            for total in totals(line for line, _ in lines)
        ],
        "lines": [
            asdict(line) | {"opened": [asdict(stated) for stated in fills]} for line, fills in lines
        ],
    }
    text = json.dumps(
        whole, default=_spelled, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode()


def sha256(canonical: bytes) -> str:
    """The hash of a statement, 64 hex digits."""
    return hashlib.sha256(canonical).hexdigest()


def _spelled(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return iso(value) if isinstance(value, datetime) else value.isoformat()
