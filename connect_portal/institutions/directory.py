"""The console's list of institutions: searched, narrowed, sorted, a page at a time by keyset."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q, QuerySet

from connect_portal.institutions.enums import BEFORE_QUALIFIED, Step
from connect_portal.institutions.models import Application, ConnectCode, Institution

ROWS: Final = 50
STATES: Final = [(step.value, step.label) for step in Step if step not in BEFORE_QUALIFIED]


class Order(models.TextChoices):
    """By what the list is sorted."""

    NAME = "name", "Name"
    NEWEST = "newest", "Newest first"


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for among the institutions."""

    q: str = ""
    state: str = ""
    channel: str = ""
    order: Order = Order.NAME


@dataclass(frozen=True, slots=True)
class Entry:
    """One institution of the list."""

    institution: Institution

    @property
    def application(self) -> Application | None:
        """The application by which it came; none where it was entered without."""
        return getattr(self.institution, "application", None)

    @property
    def code(self) -> ConnectCode | None:
        """Its newest Connect code."""
        return next(iter(self.institution.codes.all()), None)


@dataclass(frozen=True, slots=True)
class Page:
    """Some institutions, and the number of the one after which the next page begins."""

    rows: list[Entry]
    goes_on: int | None


def page(sought: Sought, *, after: int | None = None) -> Page:
    """The first institutions that are sought, or those that follow on number ``after``."""
    found = _narrowed(sought)
    if after is not None:
        found = found.filter(_beyond(sought.order, after))
    keys = ("name", "pk") if sought.order == Order.NAME else ("-opened_at", "-pk")
    codes = ConnectCode.objects.filter(venue=settings.VENUE_NAME).order_by("-pk")
    found = found.select_related("application__assignee").order_by(*keys)
    rows = list(found.prefetch_related(Prefetch("codes", codes))[: ROWS + 1])
    goes_on = rows[ROWS - 1].pk if len(rows) > ROWS else None
    return Page([Entry(row) for row in rows[:ROWS]], goes_on)


def _narrowed(sought: Sought) -> QuerySet[Institution]:
    found = Institution.objects.all()
    if sought.q:
        code = ConnectCode.objects.filter(code=sought.q).values("institution")
        found = found.filter(Q(name__icontains=sought.q) | Q(pk__in=code))
    if sought.state:
        found = found.filter(application__step=sought.state)
    if sought.channel:
        found = found.filter(channels__contains=[sought.channel])
    return found


def _beyond(order: Order, after: int) -> Q:
    """What follows on an institution; nothing on one that is not there."""
    row = Institution.objects.filter(pk=after).values_list("name", "opened_at").first()
    if row is None:
        return Q(pk__in=())
    name, opened_at = row
    if order == Order.NAME:
        return Q(name__gte=name) & (Q(name__gt=name) | Q(pk__gt=after))
    return Q(opened_at__lte=opened_at) & (Q(opened_at__lt=opened_at) | Q(pk__lt=after))
