"""Reads of watch lists: the versions, the one in force, and what a version changes."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from connect_portal.institutions.enums import WatchListState
from connect_portal.institutions.models import WatchEntry, WatchList

SHOWN = 50
"""How many lines of a difference a page shows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a list adds to the one before, and what it takes away; the first lines of each."""

    added: int
    removed: int
    added_lines: list[WatchEntry]
    removed_lines: list[WatchEntry]


def watch_lists() -> QuerySet[WatchList]:
    """Every version, the newest first."""
    return WatchList.objects.select_related("uploaded_by", "decided_by")


def watch_list(list_id: int) -> WatchList | None:
    """One version."""
    return watch_lists().filter(pk=list_id).first()


def in_force() -> WatchList | None:
    """The version that was approved last."""
    approved = WatchList.objects.filter(state=WatchListState.APPROVED)
    return approved.order_by("-decided_at", "-pk").first()


def difference(row: WatchList) -> Difference:
    """What ``row`` changes against the last version approved before it."""
    approved = WatchList.objects.filter(state=WatchListState.APPROVED, pk__lt=row.pk)
    before = approved.order_by("-decided_at", "-pk").first()
    added, removed = _only_in(row, before), _only_in(before, row)
    return Difference(added.count(), removed.count(), list(added[:SHOWN]), list(removed[:SHOWN]))


def _only_in(here: WatchList | None, there: WatchList | None) -> QuerySet[WatchEntry]:
    same = WatchEntry.objects.filter(
        watch_list=there, kind=OuterRef("kind"), value=OuterRef("value")
    )
    return WatchEntry.objects.filter(watch_list=here).exclude(Exists(same))
