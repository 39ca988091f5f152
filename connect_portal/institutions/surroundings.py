"""What the screening compares an application with, read from the tables."""

from collections.abc import Iterator

from connect_portal.institutions.enums import (
    CLOSED_STEPS,
    Step,
    Watched,
    WatchListState,
)
from connect_portal.institutions.likeness import Names
from connect_portal.institutions.models import Application, Institution, WatchList
from connect_portal.institutions.screening import Somebody, Watch

_COMPARED = (
    "company",
    "registration_number",
    "website",
    "venue_account_uid",
    "redirect_uris",
    "ips",
)


def somebody(application: Application) -> Somebody:
    """An application as the rules look at it."""
    people = list(application.people.all())
    names = [("company", application.company), ("trading_name", application.trading_name)]
    places = [("country", application.country), *(("people", one.country) for one in people)]
    mails = [
        (name, getattr(application, name))
        for name in ("contact_email", "technical_contact_email", "finance_contact_email")
    ]
    papers = application.documents.filter(replaced_at=None).values_list("kind", "expires_on")
    return Somebody(
        company=application.company,
        names=tuple((about, name) for about, name in names if name)
        + tuple(("people", one.name) for one in people),
        kinds=tuple(kind for kind in (application.kind, *application.other_kinds) if kind),
        places=tuple(places),
        registration_number=application.registration_number,
        website=application.website,
        venue_account_uid=application.venue_account_uid,
        redirect_uris=tuple(application.redirect_uris),
        ips=tuple(application.ips),
        mails=tuple((about, mail) for about, mail in mails if mail),
        documents=tuple((kind, last) for kind, last in papers if last is not None),
    )


def others_than(application: Application) -> Iterator[Somebody]:
    """Everybody who has applied and is not at an end, or has joined, but for this one."""
    rows = Application.objects.exclude(pk=application.pk).exclude(
        step__in=[Step.DRAFT, *CLOSED_STEPS]
    )
    for values in rows.values(*_COMPARED).iterator():
        values["redirect_uris"] = tuple(values["redirect_uris"])
        yield Somebody(**values | {"ips": tuple(values["ips"])})
    entered = Institution.objects.filter(application=None)
    for name, uid in entered.values_list("name", "venue_account_uid"):
        yield Somebody(company=name, venue_account_uid=uid)


def watch_in_force() -> tuple[Watch, int | None]:
    """The watch list that was approved last, and its number; an empty one before any was."""
    newest = WatchList.objects.filter(state=WatchListState.APPROVED).order_by("-decided_at", "-pk")
    found = newest.first()
    if found is None:
        return Watch(), None
    entries = list(found.entries.values_list("kind", "value"))
    blocked = frozenset(value for kind, value in entries if kind == Watched.COUNTRY)
    names = Names(value for kind, value in entries if kind == Watched.NAME)
    return Watch(blocked, names), found.pk
