"""Facts of the outside world as data files beside this module, each with its source and date.

Pure Python, no settings, no network; anybody may read. Files are read once per process.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

HERE = Path(__file__).parent
DOLLARS: Final = ("RLUSD", "USD", "USDC", "USDG", "USDT")
"""The dollar and the tokens that stand for one: each counts as one dollar, in cents."""


@dataclass(frozen=True)
class Pair:
    """One spot pair. Sizes and prices are exact decimals in base and quote units.

    `source` is "okx" where all its figures are public, "example" where lot and minimum are ours.
    """

    inst_id: str
    base: str
    quote: str
    tick_size: Decimal
    lot_size: Decimal
    min_size: Decimal
    group: str
    inst_id_code: int
    quote_ccy_list: tuple[str, ...]
    start_price: Decimal
    source: str


@dataclass(frozen=True)
class FeeRate:
    """Maker and taker rate of one tier and fee group; negative = charged, positive = rebate."""

    tier: str
    group: str
    assets: Decimal
    volume_30d: Decimal
    maker: Decimal
    taker: Decimal


@dataclass(frozen=True)
class CommissionTier:
    """One level of the example plan: what it takes on spot or on contracts, and its two rates.

    Volumes are USDT a calendar month; rates are shares of the fee.
    """

    level: int
    spot_volume: Decimal
    spot_traders: int
    contract_volume: Decimal
    contract_traders: int
    affiliated_rate: Decimal
    rate: Decimal


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document: whether it must be there, may run out, and may be there several times."""

    kind: str
    name: str
    is_required: bool
    expires: bool
    is_repeated: bool
    help: str


@cache
def pairs() -> dict[str, Pair]:
    """Every spot pair by instrument id, in file order (`pairs.csv`)."""
    return {row["inst_id"]: _pair(row) for row in _rows("pairs.csv")}


@cache
def us_fee_table() -> dict[tuple[str, str], FeeRate]:
    """The US spot fee schedule by (tier, fee group), tiers from Regular upwards (`us_fees.csv`)."""
    return {(row["tier"], row["group"]): _fee_rate(row) for row in _rows("us_fees.csv")}


@cache
def fee_groups() -> dict[str, str]:
    """Name of each fee group by its groupId, in the order people read them (`fee_groups.csv`)."""
    return {row["group"]: row["name"] for row in _rows("fee_groups.csv")}


@cache
def commission_tiers() -> list[CommissionTier]:
    """The levels of the example commission plan from 0 upwards (`commission_tiers.csv`)."""
    return [_commission_tier(row) for row in _rows("commission_tiers.csv")]


@cache
def sdk_default_tags() -> dict[str, str]:
    """Tag -> name of the client library that sends it unasked (`sdk_default_tags.csv`)."""
    return {row["tag"]: row["sdk"] for row in _rows("sdk_default_tags.csv")}


@cache
def document_kinds() -> dict[str, DocumentKind]:
    """What an applicant hands in, by kind and in the order it is asked for
    (`document_kinds.csv`)."""
    return {row["kind"]: _document_kind(row) for row in _rows("document_kinds.csv")}


@cache
def holidays() -> dict[date, str]:
    """Days that are no business days though Monday to Friday, with their names (`holidays.csv`)."""
    return {date.fromisoformat(row["day"]): row["name"] for row in _rows("holidays.csv")}


@cache
def countries() -> dict[str, str]:
    """Name of each country by its ISO 3166-1 alpha-2 code, in order of names (`countries.csv`)."""
    return {row["code"]: row["name"] for row in _rows("countries.csv")}


@cache
def disposable_mail() -> frozenset[str]:
    """Domains of mail addresses for once (`disposable_mail.csv`)."""
    return frozenset(row["domain"] for row in _rows("disposable_mail.csv"))


@cache
def legal_forms() -> frozenset[str]:
    """Words for a company's legal form, in lower case (`legal_forms.csv`)."""
    return frozenset(row["word"] for row in _rows("legal_forms.csv"))


@cache
def lookalikes() -> dict[int, str]:
    """Letters that look like Latin ones, as a table for `str.translate` (`lookalikes.csv`)."""
    return str.maketrans({row["letter"]: row["like"] for row in _rows("lookalikes.csv")})


@cache
def wire() -> list[dict[str, str]]:
    """What the sandbox serves of the v5 wire: kind, name, address, who, limit (`wire.csv`)."""
    return _rows("wire.csv")


@cache
def fonts() -> Path:
    """The folder of the typeface that documents embed; its version and licence lie beside it."""
    return HERE / "fonts"


def source_of(name: str) -> str:
    """Where a data file is from: its comment from the first address to the day it was read."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    comment = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    first = next(at for at, line in enumerate(comment) if "https://" in line)
    last = next(at for at, line in enumerate(comment) if "read 20" in line)
    return " ".join(comment[first : last + 1])


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _pair(row: dict[str, str]) -> Pair:
    return Pair(
        inst_id=row["inst_id"],
        base=row["base"],
        quote=row["quote"],
        tick_size=Decimal(row["tick_size"]),
        lot_size=Decimal(row["lot_size"]),
        min_size=Decimal(row["min_size"]),
        group=row["group"],
        inst_id_code=int(row["inst_id_code"]),
        quote_ccy_list=tuple(row["quote_ccy_list"].split()),
        start_price=Decimal(row["start_price"]),
        source=row["source"],
    )


def _fee_rate(row: dict[str, str]) -> FeeRate:
    return FeeRate(
        tier=row["tier"],
        group=row["group"],
        assets=Decimal(row["assets"]),
        volume_30d=Decimal(row["volume_30d"]),
        maker=Decimal(row["maker"]),
        taker=Decimal(row["taker"]),
    )


def _commission_tier(row: dict[str, str]) -> CommissionTier:
    return CommissionTier(
        level=int(row["level"]),
        spot_volume=Decimal(row["spot_volume"]),
        spot_traders=int(row["spot_traders"]),
        contract_volume=Decimal(row["contract_volume"]),
        contract_traders=int(row["contract_traders"]),
        affiliated_rate=Decimal(row["affiliated_rate"]),
        rate=Decimal(row["rate"]),
    )


def _document_kind(row: dict[str, str]) -> DocumentKind:
    return DocumentKind(
        kind=row["kind"],
        name=row["name"],
        is_required=row["required"] == "1",
        expires=row["expires"] == "1",
        is_repeated=row["repeated"] == "1",
        help=row["help"],
    )
