"""The views of the desk that people keep for themselves. No audit line: nothing but their own page
looks different."""

from typing import TYPE_CHECKING, Final

from django.db import transaction

from connect_portal.institutions.errors import TooManyFilters
from connect_portal.institutions.models import SavedFilter

if TYPE_CHECKING:
    from connect_portal.people.models import Person

MOST_FILTERS: Final = 20


@transaction.atomic
def save_filter(person: "Person", *, name: str, query: str) -> SavedFilter:
    """Keep a view under a name, in place of the one that had it. Raises TooManyFilters."""
    kept = SavedFilter.objects.filter(person=person)
    if kept.exclude(name=name).count() >= MOST_FILTERS:
        raise TooManyFilters(number=MOST_FILTERS)
    saved, _ = kept.update_or_create(person=person, name=name, defaults={"query": query})
    return saved


def forget_filter(person: "Person", filter_id: int) -> bool:
    """Forget a view; whether the person had it."""
    return bool(SavedFilter.objects.filter(person=person, pk=filter_id).delete()[0])
