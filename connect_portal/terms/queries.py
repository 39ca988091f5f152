"""Reads of this room, for every room above."""

from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from connect_portal.kit.clock import now
from connect_portal.terms.levels import Level
from connect_portal.terms.models import Plan, PlanTier, PlanVersion


def example_plan_version(at: datetime | None = None) -> int:
    """The version of the example plan that holds at ``at``, now unless given (its id)."""
    example = Plan.objects.filter(is_example=True).values_list("pk", flat=True)[0]
    return version_in_force(example, at or now()).pk


def plans() -> dict[int, str]:
    """The names of all plans by their ids."""
    return dict(Plan.objects.order_by("pk").values_list("pk", "name"))


def version_in_force(plan_id: int, at: datetime) -> PlanVersion:
    """The version of a plan that holds at ``at``: the one that took effect last.

    Raises PlanVersion.DoesNotExist for a plan that is none, or did not hold yet.
    """
    return PlanVersion.objects.filter(plan_id=plan_id, effective_from__lte=at).latest(
        "effective_from", "number"
    )


def shipped_levels(plan_id: int) -> list[Level]:
    """The levels of the newest version of a plan that a release shipped.

    Raises PlanVersion.DoesNotExist where there is none.
    """
    shipped = PlanVersion.objects.filter(plan_id=plan_id, is_shipped=True).latest("number")
    return [
        Level(tier.level, tier.min_volume, tier.min_traders, tier.rate, tier.affiliated_rate)
        for tier in tiers(shipped.pk)
    ]


def plan_version(plan_version_id: int) -> PlanVersion:
    """One version with its plan."""
    return PlanVersion.objects.select_related("plan").get(pk=plan_version_id)


def tiers(plan_version_id: int) -> QuerySet[PlanTier]:
    """The levels of a version from 0 upwards."""
    return PlanTier.objects.filter(version_id=plan_version_id).order_by("level")


def rate(plan_version_id: int, level: int, *, affiliated: bool = False) -> Decimal:
    """The share of the base that a level earns; ``affiliated`` for users with another inviter.

    Raises PlanTier.DoesNotExist for a level that the version has not.
    """
    tier = PlanTier.objects.get(version_id=plan_version_id, level=level)
    return tier.affiliated_rate if affiliated else tier.rate


def versions_on_offer(at: datetime) -> list[PlanVersion]:
    """The version of every plan that holds at ``at``, with its plan, by the plan's name."""
    begun = PlanVersion.objects.filter(effective_from__lte=at).select_related("plan")
    newest = begun.order_by("plan_id", "-effective_from", "-number").distinct("plan_id")
    return sorted(newest, key=lambda version: version.plan.name)
