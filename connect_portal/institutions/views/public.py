"""Pages for everybody: the front door, products and rates, the documents, what is asked most."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from connect_portal.facts import FeeRate, Pair, fee_groups, pairs, source_of, us_fee_table, wire
from connect_portal.institutions import programme, terms_of_programme
from connect_portal.institutions.enums import Step
from connect_portal.institutions.tracking import applications_of
from connect_portal.people.rules import is_signed_in


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


EXAMPLE_CODE = "ABCD"
"""The Connect code of the examples."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who may join and how, what it costs, what is promised, and the way in."""
    context = {
        "demo": settings.DEMO or settings.EMBEDDED,
        "drafting": _is_drafting(request),
        "kinds": [(kind.label, words) for kind, words in programme.KINDS.items()],
        "models": programme.MODELS,
        "stages": programme.STAGES,
        "guide": programme.GUIDE,
        "questions": programme.QUESTIONS[:4],
        "pairs_count": len(pairs()),
        "groups": list(fee_groups().values()),
        "tiers": _tiers()[:1],
    }
    return render(request, "institutions/public/home.html", context)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """How to integrate: the tag, both channels, OAuth in both dialects, what the wire serves."""
    examples = {"code": EXAMPLE_CODE, "portal_url": settings.PUBLIC_URL}
    context = examples | {
        "venue_url": settings.VENUE_URL,
        "guide": programme.GUIDE,
        "endpoints": [row for row in wire() if row["kind"] == "REST"],
        "channels": [row for row in wire() if row["kind"] == "WebSocket"],
        "order": render_to_string("institutions/examples/order.json", examples).strip(),
        "bearer": render_to_string("institutions/examples/bearer.curl.txt", examples).strip(),
    }
    return render(request, "institutions/public/docs.html", context)


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """What is asked most."""
    context = {"questions": programme.QUESTIONS}
    return render(request, "institutions/public/questions.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What whoever applies agrees to, in the version that is in force."""
    context = {"terms": terms_of_programme}
    return render(request, "institutions/public/terms.html", context)


def _is_drafting(request: HttpRequest) -> bool:
    """Whether whoever looks has a draft to go on with."""
    if not is_signed_in(request.user):
        return False
    return applications_of(request.user).filter(step=Step.DRAFT).exists()


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
