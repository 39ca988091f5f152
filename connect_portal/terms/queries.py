"""Reads of this room, for every room above."""

from decimal import Decimal

from django.db.models import QuerySet

from connect_portal.terms.models import PlanTier, PlanVersion


def example_plan_version() -> int:
    """The newest version of the example plan (its id)."""
    versions = PlanVersion.objects.filter(plan__is_example=True).order_by("-number")
    return versions.values_list("pk", flat=True)[0]


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
