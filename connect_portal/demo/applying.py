"""Applications of the cast's companies that are under way on a fresh site, so that desk, review and
tracker show something: one in the middle of its review, one that has just been handed in.

Their applicants sign in by password alone, as the card says. Whoever applies has a second factor,
so each has one for as long as applying takes. Every step finds what is there already.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reportlab.pdfgen.canvas import Canvas

from connect_portal.demo.cast import BIDS, PEOPLE, Bid
from connect_portal.facts import document_kinds
from connect_portal.institutions import actions, reviewing, terms_of_programme, tracking
from connect_portal.institutions.actions.screening import screen
from connect_portal.institutions.enums import Channel, PersonRole, Step
from connect_portal.people.actions import remove_totp, set_totp
from connect_portal.people.queries import find
from connect_portal.people.second_factor import factors_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.institutions.models import Application
    from connect_portal.people.models import Person

ACTOR = "demo"


def apply_and_review(uids: dict[str, str]) -> None:
    """Hand in each application of the cast, and begin the review of those that say so. ``uids``
    are the venue accounts by company."""
    for bid in BIDS:
        applicant = _person(bid.applicant)
        mine = tracking.applications_of(applicant).filter(company=bid.company)
        application = mine.first()
        if application is None or application.step == Step.DRAFT:
            with _a_factor(applicant):
                application = _apply(bid, applicant, application, uids[bid.account])
            screen(application.pk)
            application.refresh_from_db()
        is_new = application.step == Step.IN_REVIEW and not reviewing.requests(application.pk)
        if bid.asked and is_new:
            _begin_review(bid, application)


def _person(key: str) -> "Person":
    person = find(PEOPLE[key].email)
    assert person is not None
    return person


@contextmanager
def _a_factor(person: "Person") -> Iterator[None]:
    """A second factor for the time being, for whoever has none."""
    if factors_of(person).exists():
        yield
        return
    set_totp(person, actor=ACTOR)
    try:
        yield
    finally:
        remove_totp(person, actor=ACTOR)


def _apply(bid: Bid, applicant: "Person", draft: "Application | None", uid: str) -> "Application":
    draft = draft or actions.save_draft(applicant, _fields(bid, applicant, uid))
    if not draft.people.exists():
        actions.save_person(applicant, draft.pk, _signatory(applicant))
    there = set(draft.documents.values_list("kind", flat=True))
    today = business_now().date()
    for kind, asked in document_kinds().items():
        if asked.is_required and kind not in there:
            until = today + timedelta(days=bid.id_days) if asked.expires else None
            paper = _paper(asked.name, bid.company)
            actions.add_document(
                applicant, draft.pk, kind, paper, name=f"{kind}.pdf", expires_on=until
            )
    return actions.submit(applicant, draft.pk, terms_version=terms_of_programme.VERSION)


def _fields(bid: Bid, applicant: "Person", uid: str) -> dict[str, Any]:
    return {
        "company": bid.company,
        "kind": bid.kind,
        "channels": list(Channel),
        "country": "US",
        "region": "Delaware",
        "website": bid.website,
        "description": bid.description,
        "expected_users": bid.users,
        "expected_volume": bid.volume,
        "registration_number": bid.number,
        "registered_on": bid.registered_on,
        "registered_address": bid.address,
        "contact_name": applicant.name,
        "contact_email": applicant.email,
        "venue_account_uid": uid,
        "redirect_uris": [f"{bid.website}connected"],
    }


def _signatory(applicant: "Person") -> dict[str, Any]:
    return {
        "name": applicant.name,
        "roles": list(PersonRole),
        "country": "US",
        "share": Decimal(100),
        "email": applicant.email,
    }


def _paper(title: str, company: str) -> io.BytesIO:
    """A page to look at in the review."""
    paper = io.BytesIO()
    page = Canvas(paper)
    page.setTitle(f"{title}: {company}")
    page.setFont("Helvetica-Bold", 18)
    page.drawString(72, 740, title)
    page.setFont("Helvetica", 12)
    page.drawString(72, 712, company)
    page.drawString(72, 688, "An example for trying the review; it certifies nothing.")
    page.save()
    paper.seek(0)
    return paper


def _begin_review(bid: Bid, application: "Application") -> None:
    """The account manager looks through it, ticks what is clear and asks about the rest."""
    manager = _person("account_manager")
    by_manager: dict[str, Any] = {"person": manager, "actor": manager.actor}
    for field, note in bid.asked:
        actions.ask_change(application.pk, field, note=note, **by_manager)
    actions.tick(application.pk, "contact", **by_manager)
    actions.write_note(application.pk, text=bid.note, **by_manager)
