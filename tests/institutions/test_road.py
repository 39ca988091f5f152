"""The whole road by its pages: from the form to a complete institution."""

import re

import pytest
from django.core import mail
from django.test import Client

from connect_portal.audit.queries import verify
from connect_portal.institutions.actions import letters
from connect_portal.institutions.actions.screening import screen
from connect_portal.institutions.enums import ROAD, CodeState, Step
from connect_portal.institutions.models import Application, ConnectCode, Letter, Proposal
from connect_portal.institutions.moves import Event
from connect_portal.institutions.queries import contract, is_open, redirect_uris
from connect_portal.kit.clock import now
from connect_portal.monitoring.actions import notice_first_fills
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from tests import cast
from tests.institutions.handing_in import FORM, apply
from tests.institutions.road import Road
from tests.trades.making import bound_account, fill


def browser_of(person: Person) -> Client:
    return cast.sign_in(Client(), person)


def press(browser: Client, application: Application, choice: str, note: str = "") -> int:
    """Press a button of the application's console page; the status of the answer."""
    page = f"/console/applications/{application.pk}/"
    return browser.post(page, {"choice": choice, "note": note}).status_code


def by_two(
    road: Road, first: Client, second: Client, application: Application, event: Event
) -> None:
    """What it takes is ticked and cleared; one proposes, the second finds a button to confirm."""
    road.prepare(application, event)
    assert press(first, application, f"propose:{event}", "Looks good.") == 302
    page = second.get(f"/console/applications/{application.pk}/").content.decode()
    found = re.search(r"confirm:[0-9]+", page)
    assert found
    assert press(second, application, found.group()) == 302
    application.refresh_from_db()


def trade(application: Application, number: int) -> None:
    """A user's fill with the institution's code arrives."""
    code = ConnectCode.objects.get(institution=application.institution).code
    account = bound_account(cast.person(f"User{number}"), application.institution, uid=f"8{number}")
    record_fills(account.pk, [fill(number, tag=code, filled_at=now())])


def complete_early_and_in_time(manager: Client, fills: str) -> list[int]:
    """Try to complete it before the observation is over, and after; the statuses of the answers."""
    early = manager.post(fills).status_code
    Application.objects.update(due_at=now())
    return [early, manager.post(fills).status_code]


@pytest.mark.django_db(transaction=True)
def test_a_company_comes_from_the_form_to_a_complete_institution(road: Road) -> None:
    iris, morgan = browser_of(road.applicant), browser_of(road.manager)
    cora, theo = browser_of(road.compliance), browser_of(road.technical)
    finn = browser_of(road.finance)

    assert iris.get("/apply/").status_code == 200
    application = apply(iris)
    code = ConnectCode.objects.get()
    assert (code.state, code.application, code.institution) == ("reserved", application, None)
    assert screen(application.pk)
    status = iris.get("/apply/status/").content.decode()
    assert code.code in status
    assert "waits for the account manager" in status
    assert "Harbor Trading" in morgan.get("/console/").content.decode()

    by_two(road, morgan, cora, application, Event.APPROVE)
    assert iris.get("/start/")["Location"] == "/institution/harbor-trading/"
    assert (
        "waits for the account manager" in iris.get("/institution/harbor-trading/").content.decode()
    )
    assert press(morgan, application, "move:log_contact", "We spoke on the telephone.") == 302
    by_two(road, morgan, finn, application, Event.SEND_CONTRACT)

    contract_page = "/institution/harbor-trading/contract/"
    sha256 = re.search(
        r'name="sha256" value="([0-9a-f]{64})"', iris.get(contract_page).content.decode()
    )
    assert sha256
    signed = iris.post(contract_page, {"name": "Iris", "sha256": sha256.group(1)})
    assert signed["Location"] == contract_page
    assert "Signed by <strong>Iris</strong>" in iris.get(contract_page).content.decode()
    console_page = f"/console/applications/{application.pk}/contract/"
    assert cora.post(console_page, {"sha256": sha256.group(1)}).status_code == 302

    technical_page = "/institution/harbor-trading/technical/"
    details = {"redirect_uris": FORM["technical"]["redirect_uris"], "ips": ""}
    assert iris.post(technical_page, details).status_code == 302
    assert not is_open(application.institution_id or 0)
    by_two(road, theo, morgan, application, Event.PROVISION)
    place = application.institution
    assert place is not None
    assert is_open(place.pk)
    assert redirect_uris(place.pk) == ["https://harbor.example/callback"]
    assert code.code in iris.get("/institution/harbor-trading/guide/").content.decode()

    fills = f"/console/applications/{application.pk}/fills/"
    trade(application, 1)
    assert theo.post(fills).status_code == 403, "this site itself certifies, by a run"
    road.go(application, Event.CERTIFY)
    by_two(road, theo, morgan, application, Event.APPROVE_LIVE)
    terms = contract(place.pk, now())
    assert terms is not None
    assert terms.live_since is not None
    assert (terms.level, code_state(code)) == (1, CodeState.ACTIVE)

    assert notice_first_fills() == 0, "the fill of the test does not count again"
    trade(application, 2)
    assert notice_first_fills() == 1
    assert complete_early_and_in_time(morgan, fills) == [422, 302]
    application.refresh_from_db()
    assert application.step == Step.ACTIVE

    assert [move.to for move in application.moves.all()] == list(ROAD)
    assert set(Proposal.objects.values_list("state", flat=True)) == {"confirmed"}
    for letter in letters.unsent():
        letters.send_letter(letter)
    assert len(mail.outbox) == Letter.objects.filter(sent_at__isnull=False).count() == len(ROAD)
    assert verify().intact


def code_state(code: ConnectCode) -> str:
    code.refresh_from_db()
    return code.state
