"""Products and rates, from the facts that the sandbox charges by."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connect_portal.facts import FeeRate, pairs, source_of, us_fee_table


@dataclass(frozen=True, slots=True)
class Tier:
    """One fee tier: what it takes, and its rates in percent by group, as people write them."""

    name: str
    assets: Decimal
    volume: Decimal
    rates: list[tuple[Decimal, Decimal]]


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Every supported pair, and the US fee table."""
    context = {
        "pairs": pairs().values(),
        "groups": _groups(),
        "tiers": _tiers(),
        "pairs_source": source_of("pairs.csv"),
        "fees_source": source_of("us_fees.csv"),
    }
    return render(request, "institutions/public/rates.html", context)


def _groups() -> list[str]:
    """The fee groups that the table knows, in its order."""
    return list(dict.fromkeys(group for _, group in us_fee_table()))


def _tiers() -> list[Tier]:
    by_tier: dict[str, list[FeeRate]] = {}
    for rate in us_fee_table().values():
        by_tier.setdefault(rate.tier, []).append(rate)
    return [
        Tier(name, rows[0].assets, rows[0].volume_30d, [_percent(row) for row in rows])
        for name, rows in by_tier.items()
    ]


def _percent(rate: FeeRate) -> tuple[Decimal, Decimal]:
    """Maker and taker in percent of the trade; a charge is positive here, as fee tables have it."""
    return -100 * rate.maker, -100 * rate.taker
