"""The console's connections, and the end of all of them by two people."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from connect_portal.audit.models import Event
from connect_portal.authorizations.models import Binding, Cancellation, Ending, VenueAccount
from connect_portal.institutions.directory import ROWS
from connect_portal.institutions.models import Institution
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials
from tests import cast
from tests.authorizations.oauth import client_of, grant_without_a_venue
from tests.pages.growing import more
from tests.pages.growing import text as text_like

pytestmark = pytest.mark.django_db

PAGE = "/console/connections/acme/"
DESKS: dict[int, Client] = {}


@pytest.fixture
def theo(db: None) -> Person:
    """Somebody technical of the exchange."""
    return cast.staff("Theo", StaffRole.TECHNICAL)


@pytest.fixture
def binding(alice: Person, acme: Institution) -> Binding:
    """Alice's key for Acme."""
    account = VenueAccount.objects.create(owner=alice, venue=cast.VENUE, uid="7001")
    row = Binding(venue_account=account, institution=acme, state="bound", permissions=["trade"])
    row.keep(Credentials("a1b2c3d4", "secret", "passphrase"))
    row.save()
    return row


@pytest.fixture(autouse=True)
def desks() -> None:
    """Nobody has signed in yet."""
    DESKS.clear()


def desk_of(person: Person) -> Client:
    """Where somebody signed in; a code of theirs works once."""
    if person.pk not in DESKS:
        DESKS[person.pk] = cast.sign_in(Client(), person)
    return DESKS[person.pk]


def send(person: Person, **form: object) -> Any:
    """The answer to a form, after whatever redirect."""
    return desk_of(person).post(PAGE, form, follow=True)


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def propose(person: Person, reason: str = "A key leaked") -> Any:
    return send(person, decision="propose", reason=reason)


def decide(person: Person, decision: str) -> Any:
    ending = Ending.objects.get()
    return send(person, decision=decision, ending=ending.pk)


def test_the_list_counts_every_institution_s_connections(
    binding: Binding, zenith: Institution, theo: Person
) -> None:
    page = desk_of(theo).get("/console/connections/")
    rows = {row.institution.name: (row.grants, row.bound) for row in page.context["rows"]}
    assert rows == {"Acme": (0, 1), "Zenith": (0, 0)}


def test_the_list_goes_on_after_a_page_and_finds_an_institution_by_its_name(
    binding: Binding, zenith: Institution, theo: Person
) -> None:
    more(Institution, ROWS, name=text_like("Company"), slug=text_like("company"))
    first = desk_of(theo).get("/console/connections/")
    assert len(first.context["rows"]) == ROWS
    following = re.search(r'rel="next" href="([^"]+)"', text(first))
    assert following is not None
    second = desk_of(theo).get("/console/connections/" + following[1])
    names = [row.institution.name for row in [*first.context["rows"], *second.context["rows"]]]
    assert (names[0], names[-1], len(set(names))) == ("Acme", "Zenith", ROWS + 2)
    assert 'rel="next"' not in text(second)

    found = desk_of(theo).get("/console/connections/", {"q": "zeni"})
    assert [row.institution.name for row in found.context["rows"]] == ["Zenith"]


def test_one_proposes_and_another_confirms_and_all_are_ended(
    binding: Binding, theo: Person, morgan: Person
) -> None:
    assert "An account manager has to confirm" in text(propose(theo))
    binding.refresh_from_db()
    assert binding.state == "bound", "a proposal ends nothing"

    assert "Ended: 0 by consent, 1 by API key" in text(decide(morgan, "confirm"))
    binding.refresh_from_db()
    assert (binding.state, binding.ended_by) == ("unbound", "exchange")
    ending = Ending.objects.get()
    assert (ending.state, ending.bindings) == ("confirmed", 1)
    assert (ending.proposed_by, ending.decided_by) == (theo, morgan)
    event = Event.objects.get(tag="authorizations:institution:connections_ended")
    assert (event.actor, event.data["reason"]) == (morgan.actor, "A key leaked")


def test_what_becomes_of_open_orders_is_proposed_with_it_and_read_by_who_confirms(
    acme: Institution, alice: Person, theo: Person, morgan: Person
) -> None:
    grant = grant_without_a_venue(alice, client_of(acme)[0])
    send(theo, decision="propose", reason="A key leaked", cancel_orders="on")
    assert Event.objects.get(tag="authorizations:ending:proposed").data["cancel_orders"] is True
    assert "placed by consent are canceled" in text(desk_of(morgan).get(PAGE))
    decide(morgan, "confirm")
    assert Cancellation.objects.get().grant == grant


def test_what_is_declined_ends_nothing(binding: Binding, theo: Person, morgan: Person) -> None:
    propose(theo)
    assert "Nothing was ended" in text(decide(morgan, "decline"))
    binding.refresh_from_db()
    assert binding.state == "bound"
    assert Event.objects.filter(tag="authorizations:ending:declined").exists()


@pytest.mark.parametrize("role", [StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE])
def test_only_compliance_and_technical_propose(role: str, binding: Binding) -> None:
    answer = propose(cast.staff("Somebody", role))
    assert answer.status_code == 409
    assert "compliance or technical" in text(answer)
    assert not Ending.objects.exists()


@pytest.mark.parametrize("role", [StaffRole.TECHNICAL, StaffRole.COMPLIANCE, StaffRole.FINANCE])
def test_only_an_account_manager_decides(role: str, binding: Binding, theo: Person) -> None:
    propose(theo)
    answer = decide(cast.staff("Somebody", role), "confirm")
    assert answer.status_code == 409
    assert "an account manager" in text(answer)
    assert Ending.objects.get().is_open


def test_a_proposer_who_becomes_account_manager_still_cannot_confirm(
    binding: Binding, theo: Person
) -> None:
    propose(theo)
    theo.staff_role = StaffRole.ACCOUNT_MANAGER
    theo.save()
    assert decide(theo, "confirm").status_code == 409
    with pytest.raises(IntegrityError, match="authorizations_ending_by_two"):
        Ending.objects.update(decided_by=theo, decided_at=binding.bound_at, state="confirmed")


def test_what_was_decided_is_not_decided_again(
    binding: Binding, theo: Person, morgan: Person
) -> None:
    propose(theo)
    decide(morgan, "decline")
    answer = decide(morgan, "confirm")
    assert answer.status_code == 409
    assert "somebody was faster" in text(answer)


def test_a_second_proposal_is_the_first(binding: Binding, theo: Person) -> None:
    propose(theo)
    propose(theo, reason="Another reason")
    assert Ending.objects.get().reason == "A key leaked"


@pytest.mark.parametrize("ending", ["", "0", "x", "9" * 30, "٣"])
def test_a_form_about_nothing_is_refused(ending: str, acme: Institution, morgan: Person) -> None:
    assert send(morgan, decision="confirm", ending=ending).status_code == 409


def test_a_proposal_says_why(acme: Institution, theo: Person) -> None:
    assert propose(theo, reason="  ").status_code == 422
    assert not Ending.objects.exists()


def test_nobody_else_comes_here(acme: Institution, alice: Person) -> None:
    client = cast.sign_in(Client(), alice)
    assert client.get(PAGE).status_code == 403
    assert client.get("/console/connections/").status_code == 403
