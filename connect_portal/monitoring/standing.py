"""How an institution stands: what the panels beside its timeline show, each from the room that
knows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connect_portal.authorizations.census import Census, census_of
from connect_portal.authorizations.queries import client_of, redirects_of
from connect_portal.institutions.enums import Step
from connect_portal.institutions.queries import agreement, codes_of
from connect_portal.institutions.reviewing import findings, notes
from connect_portal.institutions.tracking import Tracker, application_of, tracker
from connect_portal.monitoring.queries import Tiles, tiles
from connect_portal.people.queries import team_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.institutions.models import (
        Application,
        ConnectCode,
        Contract,
        Institution,
        Note,
    )
    from connect_portal.people.models import Membership


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about an institution that somebody ought to look at."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An institution as it stands now."""

    institution: "Institution"
    tracker: Tracker | None
    codes: "list[ConnectCode]"
    team: "Iterable[Membership]"
    agreement: "Contract | None"
    census: Census
    redirects: list[str]
    has_client: bool
    tiles: Tiles
    notes: "list[Note]"
    flags: list[Flag]

    @property
    def application(self) -> "Application | None":
        """The application by which it came."""
        return self.tracker.application if self.tracker else None


NOTES: Final = 5


def standing(institution: "Institution") -> Standing:
    """Put the panels of one institution together."""
    found = application_of(institution.pk)
    now = business_now()
    told = tracker(found, now) if found else None
    client = client_of(institution.pk)
    census = census_of(institution)
    return Standing(
        institution=institution,
        tracker=told,
        codes=codes_of(institution.pk),
        team=team_of(institution.pk),
        agreement=agreement(institution.pk, now),
        census=census,
        redirects=[row.uri for row in redirects_of(client)] if client else [],
        has_client=client is not None,
        tiles=tiles(institution.pk),
        notes=notes(found.pk)[:NOTES] if found else [],
        flags=[*_flags_of(told), *_flags_of_connections(census)],
    )


def _flags_of(told: Tracker | None) -> Iterable[Flag]:
    if told is None:
        return
    if told.clock.tone == "bad":
        yield Flag(told.clock.text, "bad")
    if told.application.step == Step.SUSPENDED:
        yield Flag("Suspended: its code does not count", "bad")
    if stage := told.renewal:
        verb = "ended" if told.ahead.is_over else "ends"
        tone = "bad" if told.ahead.is_over else "warn"
        yield Flag(f"{stage.label}: the contract {verb} on {told.ahead.ends_at:%Y-%m-%d}", tone)
    if told.proposal is not None:
        verb = told.proposal.get_event_display().lower()
        yield Flag(f"“{verb}” waits for a second person", "warn")
    for finding in findings(told.application.pk):
        if finding.cleared_at is None:
            yield Flag(f"{finding.get_rule_display()}: {finding.seen}", "warn")


def _flags_of_connections(census: Census) -> Iterable[Flag]:
    if census.ending is not None:
        yield Flag("The end of all connections is proposed", "bad")
    if census.quarantined:
        yield Flag(f"{census.quarantined} keys were put aside", "warn")
    if census.degraded:
        yield Flag(f"{census.degraded} keys are refused by the exchange", "warn")
