"""Writes of this room: the example plan as the facts tell it, and versions that people made."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.facts import CommissionTier, commission_tiers
from connect_portal.kit.clock import now
from connect_portal.terms.enums import Base, Tag
from connect_portal.terms.levels import Level, written
from connect_portal.terms.models import Plan, PlanTier, PlanVersion

NAME: Final = "Example: global tiers of 2022"
SOURCE: Final = (
    "An example, not an offer: tiers announced on 18 August 2022 for OKX's global programme. "
    "No table for Connect in the US is published; https://www.okx.com/docs-v5/broker_en/ says up "
    "to 50 %. Spot thresholds; rates are shares of the fee."
)
EFFECTIVE_FROM: Final = datetime(2022, 8, 18, tzinfo=UTC)


@transaction.atomic
def load_example_plan() -> PlanVersion:
    """The example plan as `facts` has it now: the newest version, or a new one if it differs.

    Facts never overrule people: once the exchange made a version of its own, that stays.
    """
    plan, _ = Plan.objects.get_or_create(name=NAME, defaults={"source": SOURCE, "is_example": True})
    Plan.objects.select_for_update().get(pk=plan.pk)
    newest = plan.versions.order_by("-number").first()
    if newest and not newest.is_shipped:
        return newest
    if newest and [_told(tier) for tier in newest.tiers.all()] == _from_facts():
        return newest
    number = newest.number + 1 if newest else 1
    since = now() if newest else EFFECTIVE_FROM
    version = PlanVersion.objects.create(
        plan=plan, number=number, effective_from=since, base=Base.FEE
    )
    PlanTier.objects.bulk_create([_tier(version, row) for row in commission_tiers()])
    return version


def add_version(
    plan_id: int, levels: Sequence[Level], *, effective_from: datetime, actor: str
) -> PlanVersion:
    """Add the next version of a plan, which two people agreed on; contracts keep theirs.

    Inside the caller's transaction; ``levels`` are sound (`levels.problems`).
    """
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    newest = plan.versions.latest("number")
    version = PlanVersion.objects.create(
        plan=plan,
        number=newest.number + 1,
        effective_from=effective_from,
        base=newest.base,
        is_shipped=False,
    )
    tiers = [PlanTier(version=version, **asdict(level)) for level in levels]
    PlanTier.objects.bulk_create(tiers)
    data: dict[str, Any] = {"number": version.number, "effective_from": effective_from}
    data["levels"] = written(levels)
    record(Tag.VERSION_ADDED, actor=actor, subject=f"plan:{plan_id}", data=data)
    return version


def _tier(version: PlanVersion, row: CommissionTier) -> PlanTier:
    return PlanTier(
        version=version,
        level=row.level,
        min_volume=row.spot_volume,
        min_traders=row.spot_traders,
        rate=row.rate,
        affiliated_rate=row.affiliated_rate,
    )


def _from_facts() -> list[tuple[object, ...]]:
    return [
        (row.level, row.spot_volume, row.spot_traders, row.rate, row.affiliated_rate)
        for row in commission_tiers()
    ]


def _told(tier: PlanTier) -> tuple[object, ...]:
    return tier.level, tier.min_volume, tier.min_traders, tier.rate, tier.affiliated_rate
