"""Products and rates, from the facts that the sandbox charges by."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connect_portal.facts import FeeRate, Pair, fee_groups, pairs, source_of, us_fee_table


@dataclass(frozen=True, slots=True)
class Tier:
    """One fee tier: what it takes, and its rates in percent by group, as people write them."""

    name: str
    assets: Decimal
    volume: Decimal
    rates: list[tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Group:
    """One fee group by the name people know, and the pairs that pay its fees."""

    name: str
    pairs: list[Pair]


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """Every supported pair by fee group, and the US fee table."""
    context = {
        "groups": _groups(),
        "tiers": _tiers(),
        "pairs_source": source_of("pairs.csv"),
        "fees_source": source_of("us_fees.csv"),
    }
    return render(request, "institutions/public/rates.html", context)


def _groups() -> list[Group]:
    """The fee groups in the order that the fee table's columns have."""
    return [
        Group(name, [pair for pair in pairs().values() if pair.group == group])
        for group, name in fee_groups().items()
    ]


def _tiers() -> list[Tier]:
    by_tier: dict[str, dict[str, FeeRate]] = {}
    for rate in us_fee_table().values():
        by_tier.setdefault(rate.tier, {})[rate.group] = rate
    return [
        Tier(tier, *_thresholds(rates), [_percent(rates[group]) for group in fee_groups()])
        for tier, rates in by_tier.items()
    ]


def _thresholds(rates: dict[str, FeeRate]) -> tuple[Decimal, Decimal]:
    first = next(iter(rates.values()))
    return first.assets, first.volume_30d


def _percent(rate: FeeRate) -> tuple[Decimal, Decimal]:
    """Maker and taker in percent of the trade; a charge is positive here, as fee tables have it."""
    return -100 * rate.maker, -100 * rate.taker
