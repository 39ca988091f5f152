"""How many connections an institution has, by what they are: for the console. Few statements,
whatever the number of institutions."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from connect_portal.authorizations.enums import BindingState, GrantState
from connect_portal.authorizations.models import Binding, Ending, Grant
from connect_portal.kit.clock import now

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution


@dataclass(frozen=True, slots=True)
class Census:
    """The connections of one institution now, and the proposal to end them if one waits."""

    institution: "Institution"
    grants: int
    bindings: Counter[str] = field(default_factory=Counter)
    ending: Ending | None = None

    @property
    def bound(self) -> int:
        """Keys that work."""
        return self.bindings[BindingState.BOUND]

    @property
    def degraded(self) -> int:
        """Keys that the venue refuses."""
        return self.bindings[BindingState.DEGRADED]

    @property
    def quarantined(self) -> int:
        """Keys that were put aside."""
        return self.bindings[BindingState.QUARANTINED]

    @property
    def total(self) -> int:
        """All that an end would end."""
        return self.grants + self.bindings.total()


def census_of(institution: "Institution") -> Census:
    """One institution."""
    return census([institution])[0]


def endings_of(institution: "Institution") -> QuerySet[Ending]:
    """What was proposed and decided about an institution, the latest first."""
    rows = Ending.objects.filter(institution=institution)
    return rows.select_related("proposed_by", "decided_by")


def census(places: list["Institution"]) -> list[Census]:
    """Some institutions, in their order."""
    ids = [place.pk for place in places]
    grants = Grant.objects.filter(
        institution__in=ids, state=GrantState.ACTIVE, expires_at__gt=now()
    )
    per_place = dict(_counted(grants, "institution_id"))
    bindings: dict[int, Counter[str]] = {pk: Counter() for pk in ids}
    there = Binding.objects.filter(institution__in=ids).exclude(state=BindingState.UNBOUND)
    for (pk, state), number in _counted(there, "institution_id", "state"):
        bindings[pk][state] = number
    waiting = Ending.objects.filter(institution__in=ids, decided_at=None)
    open_endings = {ending.institution_id: ending for ending in waiting}
    return [
        Census(place, per_place.get(place.pk, 0), bindings[place.pk], open_endings.get(place.pk))
        for place in places
    ]


def _counted(rows: QuerySet[Any], *by: str) -> list[tuple[Any, int]]:
    """How many rows there are by one column, or by a tuple of columns."""
    counted = rows.order_by().values(*by).annotate(number=Count("pk")).values_list(*by, "number")
    return [(row[0] if len(by) == 1 else row[:-1], row[-1]) for row in counted]


@dataclass(frozen=True, slots=True)
class ConnectionDay:
    """How many connections of an institution began and ended on one day (UTC)."""

    day: date
    began: int
    ended: int


def connection_days(institution_id: int, *, before: date | None, limit: int) -> list[ConnectionDay]:
    """The latest days on which connections began or ended, at most ``limit``; people stay out."""
    began: Counter[date] = Counter()
    ended: Counter[date] = Counter()
    for model, start in ((Grant, "granted_at"), (Binding, "bound_at")):
        rows = model.objects.filter(institution_id=institution_id)
        for counts, column in ((began, start), (ended, "ended_at")):
            dated = rows.exclude(**{column: None}).annotate(day=TruncDate(column, tzinfo=UTC))
            if before is not None:
                dated = dated.filter(day__lt=before)
            latest = dated.order_by("-day").values("day").annotate(number=Count("pk"))[:limit]
            counts.update({row["day"]: row["number"] for row in latest})
    days = sorted({*began, *ended}, reverse=True)[:limit]
    return [ConnectionDay(day, began[day], ended[day]) for day in days]
