"""A contract renewed in a browser, by the pages of the four who have a hand in it."""

import pytest
from playwright.sync_api import expect

from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Contract
from connect_portal.people.models import Person
from tests.institutions.renewing import near_its_end
from tests.institutions.road import Road
from tests.pages.conftest import Look, assert_sound

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OURS = "/institution/harbor-trading/contract/"


def test_a_contract_is_renewed_from_the_desk_to_the_second_signature(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = Road.make()
    application = road.until(Step.ACTIVE)
    near_its_end(monkeypatch)
    theirs = f"/console/applications/{application.pk}/contract/"

    def go(person: Person, path: str) -> None:
        look.become(road.browser(person))
        look.open(path)
        assert_sound(look)
        look.widen(1440)

    def press(name: str) -> None:
        look.page.get_by_role("button", name=name).click()

    go(road.applicant, OURS)
    expect(look.page.get_by_text("so its renewal is due")).to_be_visible()
    go(road.manager, "/console/?queue=all")
    expect(look.page.get_by_role("cell", name="Renewal due")).to_be_visible()
    go(road.manager, theirs)
    look.page.get_by_label("Level at which it begins").fill("2")
    press("Propose the renewal")
    expect(look.page.get_by_text("Finance confirms it below")).to_be_visible()

    go(road.finance, theirs)
    press("Confirm and send it")
    expect(look.page.get_by_text("the next contract is sent")).to_be_visible()
    go(road.applicant, OURS)
    look.page.get_by_label("Your full name").fill("Iris")
    press("Sign the contract")
    expect(look.page.get_by_text("We countersign it next").first).to_be_visible()

    go(road.compliance, theirs)
    press("Countersign and seal")
    expect(look.page.get_by_text("sealed and in force")).to_be_visible()
    go(road.applicant, OURS)
    expect(look.page.get_by_text("Renewed: signed by both sides")).to_be_visible()
    assert Contract.objects.filter(countersigned_at__isnull=False).count() == 2
