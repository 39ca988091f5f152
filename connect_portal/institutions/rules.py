"""Who may do what to an application."""

from typing import TYPE_CHECKING, Final

from django.utils.text import slugify

from connect_portal.institutions.enums import AT_REST, EditionKind, Step
from connect_portal.institutions.models import SLUG_LENGTH, Application, Edition, Proposal
from connect_portal.institutions.moves import REVIEWERS, WAYS, Event, Hand, Way
from connect_portal.people.rules import owns, works_for_exchange

if TYPE_CHECKING:
    from connect_portal.people.models import Person

EDITION_HANDS: Final = {
    EditionKind.CONTRACT: (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE),
    EditionKind.PLAN: (Hand.ACCOUNT_MANAGER, Hand.FINANCE),
    EditionKind.LETTER: (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE),
    EditionKind.CALENDAR: (Hand.ACCOUNT_MANAGER, Hand.COMPLIANCE),
}
"""Who proposes an edition of each kind, and who approves it."""


def address_word(name: str) -> str:
    """The word by which a company of that name is found in addresses; empty if none remains."""
    return slugify(name)[:SLUG_LENGTH].strip("-")


def hands_of(person: "Person", application: Application) -> set[Hand]:
    """In which roles a person may touch an application.

    Staff act by their role. The applicant's side is the applicant, and from qualification on the
    owners of the institution. Nobody is both: staff never act on an application of their own.
    """
    is_theirs = person.pk == application.applicant_id
    if application.institution is not None:
        is_theirs = owns(person, application.institution)
    if is_theirs or person.pk == application.applicant_id:
        return {Hand.APPLICANT} if is_theirs else set()
    return {hand for hand in Hand if person.is_active and hand.value == person.staff_role}


def may_see(person: "Person", application: Application) -> bool:
    """Whether the person may look at what was handed in: the applicant, owners of the institution
    that came of it, and the exchange's staff."""
    is_theirs = person.pk == application.applicant_id
    owns_it = application.institution is not None and owns(person, application.institution)
    return is_theirs or owns_it or works_for_exchange(person)


def ways_from(step: Step | str) -> list[Way]:
    """Every move from a step, in the order of the table."""
    return [way for way in WAYS if step in way.sources]


def way_of(event: Event | str, step: Step | str) -> Way | None:
    """The move that an event makes from a step, if it makes one."""
    return next((way for way in ways_from(step) if way.event == event), None)


def turn(step: Step | str, proposed: Event | str | None = None) -> Hand | None:
    """Whose turn it is at a step: the checker of what is proposed, else whoever makes the next
    move; nobody's where the application rests."""
    if proposed is not None:
        way = way_of(proposed, step)
        return way.checked_by if way else None
    if step in AT_REST:
        return None
    ahead = ways_from(step)
    return ahead[0].by[0] if ahead else None


def may_begin(person: "Person", application: Application, way: Way) -> bool:
    """Whether the person may make the move, or propose it where it takes two."""
    return bool(hands_of(person, application) & set(way.by))


def may_confirm(person: "Person", proposal: Proposal, way: Way) -> bool:
    """Whether the person may decide about a proposed move: the checker, never the proposer."""
    checks = way.checked_by in hands_of(person, proposal.application)
    return checks and person.pk != proposal.proposed_by_id


def may_look_after(person: "Person", application: Application) -> bool:
    """Whether an application may lie on the person's desk: an account manager's, who has no part
    in it on the other side."""
    return Hand.ACCOUNT_MANAGER in hands_of(person, application)


def may_propose_edition(person: "Person", kind: EditionKind) -> bool:
    """Whether the person may propose new words or dates of that kind."""
    return person.is_active and person.staff_role == EDITION_HANDS[kind][0]


def may_approve_edition(person: "Person", edition: Edition) -> bool:
    """Whether the person may decide about a proposed edition: the checker, never the proposer."""
    checker = EDITION_HANDS[EditionKind(edition.kind)][1]
    is_checker = person.is_active and person.staff_role == checker
    return is_checker and person.pk != edition.proposed_by_id


def may_upload_list(person: "Person") -> bool:
    """Whether the person may upload a watch list."""
    return person.is_active and person.staff_role == Hand.COMPLIANCE


def may_decide_list(person: "Person") -> bool:
    """Whether the person may approve somebody else's watch list, or decline one."""
    return person.is_active and person.staff_role in REVIEWERS
