"""The applicant's pages: a form that loses nothing, a draft, a tracker, and one's own only."""

from html import unescape
from typing import Any

import pytest
from django.test import Client, override_settings

from connect_portal.institutions.actions import move
from connect_portal.institutions.actions.screening import screen
from connect_portal.institutions.enums import BusinessKind, Step
from connect_portal.institutions.models import Application, ConnectCode
from connect_portal.institutions.moves import Event
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.road import Road
from tests.institutions.test_road import FORM, browser_of

pytestmark = pytest.mark.django_db

STATUS = "/apply/status/"


@pytest.fixture
def iris() -> Person:
    """Somebody who wants to join."""
    return cast.applicant("Iris")


@pytest.fixture
def browser(iris: Person) -> Client:
    """Her browser."""
    return browser_of(iris)


def send(browser: Client, path: str = "/apply/", **changes: Any) -> Any:
    return browser.post(path, FORM | changes)


def refused(browser: Client, path: str = "/apply/", **changes: Any) -> str:
    """The page that says what is wrong; nothing was stored."""
    before = list(Application.objects.values())
    answer = send(browser, path, **changes)
    assert answer.status_code == 422
    assert list(Application.objects.values()) == before
    return unescape(answer.content.decode())


def test_a_stranger_is_sent_to_sign_in_and_back() -> None:
    answer = Client().get("/apply/")
    assert answer["Location"] == "/accounts/login/?next=/apply/"


def test_all_six_kinds_of_business_and_all_three_models_can_apply(browser: Client) -> None:
    page = browser.get("/apply/").content.decode()
    for kind in BusinessKind:
        assert f'value="{kind.value}"' in page
    for number, model in enumerate(("api", "oauth", "both")):
        assert send(browser, model=model, company=f"Company {number}").status_code == 302
    channels = Application.objects.order_by("pk").values_list("channels", flat=True)
    assert list(channels) == [["api"], ["oauth"], ["api", "oauth"]]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("company", "", "This field is required"),
        ("company", "日本", "Latin letters"),
        ("company", "a" * 121, "at most 120"),
        ("company", "Harbor\0", "Null characters"),
        ("kind", "bank", "Select a valid choice"),
        ("model", "", "This field is required"),
        ("country", "ZZ", "Select a valid choice"),
        ("website", "ftp://harbor.example", "Enter a valid URL"),
        ("website", "javascript:alert(1)", "Enter a valid URL"),
        ("contact_email", "iris", "Enter a valid email"),
        ("venue_account_uid", "12a45", "4 to 20 digits"),
        ("venue_account_uid", "١٢٣٤", "4 to 20 digits"),
        ("redirect_uris", "", "This field is required"),
        ("redirect_uris", "https://a.example/\nhttp://b.example/", "http://b.example/ must begin"),
        ("redirect_uris", "\n".join(f"https://a.example/{n}" for n in range(21)), "20 at most"),
        ("ips", "10.0.0.1", "10.0.0.1 is not on the public internet"),
        ("terms", "", "This field is required"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    browser: Client, field: str, value: str, words: str
) -> None:
    page = refused(browser, **{field: value})
    assert words in page
    kept = {"description": "Bots.", "contact_name": "Iris", "website": "https://harbor.example/"}
    for name, text in (kept | {field: value.replace("\0", "")}).items():
        assert name == "terms" or text in page


def test_redirect_uris_are_for_oauth_only(browser: Client) -> None:
    assert send(browser, model="api", redirect_uris="not shown for this model").status_code == 302
    assert Application.objects.get().redirect_uris == []


@override_settings(EMBEDDED=False, DEMO=False)
def test_a_real_installation_takes_no_address_of_its_own_machine(browser: Client) -> None:
    assert "only a demo installation" in refused(browser, redirect_uris="http://localhost:1/cb")
    assert "loopback" in refused(browser, ips="127.0.0.1")


@override_settings(DEMO=True)
def test_a_demo_installation_does(browser: Client) -> None:
    assert send(browser, redirect_uris="http://localhost:1/cb", ips="127.0.0.1").status_code == 302


def test_a_draft_keeps_what_is_there_and_goes_on_later(browser: Client) -> None:
    begun = send(browser, then="save", country="", description="", terms="", contact_email="")
    draft = Application.objects.get()
    assert begun["Location"] == f"/apply/{draft.pk}/" == browser.get("/apply/")["Location"]
    assert (draft.step, draft.country, draft.due_at) == (Step.DRAFT, "", None)
    assert not ConnectCode.objects.exists()
    page = browser.get(f"/apply/{draft.pk}/").content.decode()
    assert "https://harbor.example/callback" in page
    assert refused(browser, f"/apply/{draft.pk}/", country="").count("This field is required") == 1
    assert send(browser, f"/apply/{draft.pk}/")["Location"] == STATUS
    assert Application.objects.get().step == Step.SUBMITTED


def test_the_button_pressed_twice_makes_one_application(browser: Client) -> None:
    assert send(browser)["Location"] == send(browser)["Location"] == STATUS
    application = Application.objects.get()
    assert send(browser, f"/apply/{application.pk}/")["Location"] == STATUS + "?application=" + str(
        application.pk
    )
    assert (Application.objects.count(), ConnectCode.objects.count()) == (1, 1)


def test_a_second_draft_for_one_company_is_refused_without_losing_it(browser: Client) -> None:
    send(browser, then="save")
    assert "You have an open application" in refused(browser, company="HARBOR trading")


def test_another_company_gets_an_application_of_its_own(browser: Client) -> None:
    send(browser)
    assert browser.get("/apply/")["Location"] == STATUS
    assert browser.get("/apply/?another=1").status_code == 200
    send(browser, company="Second Harbor")
    page = browser.get(STATUS).content.decode()
    assert "Second Harbor" in page
    first = Application.objects.get(company="Harbor Trading")
    assert "Harbor Trading" in browser.get(f"{STATUS}?application={first.pk}").content.decode()


def test_the_tracker_shows_every_step_the_clock_and_the_code(browser: Client) -> None:
    send(browser)
    page = browser.get(STATUS).content.decode()
    for words in ("Application submitted", "Contract signed", "Onboarding complete", "left"):
        assert words in page
    assert ConnectCode.objects.get().code in page
    assert page.count('aria-current="step"') == 1


def test_a_question_is_shown_answered_and_asked_only_then(browser: Client) -> None:
    send(browser)
    application = Application.objects.get()
    screen(application.pk)
    who = cast.staff("Morgan")
    what = {"person": who, "actor": who.actor, "note": "Which country?"}
    move(application.pk, Event.REQUEST_INFO, **what)
    page = browser.get(STATUS).content.decode()
    assert "Which country?" in page
    assert "Stands still" in page
    assert "Which country?" in browser.get(f"/apply/{application.pk}/").content.decode()
    assert send(browser, f"/apply/{application.pk}/", country="CA")["Location"] == STATUS
    application.refresh_from_db()
    assert (application.step, application.country) == (Step.IN_REVIEW, "CA")
    assert application.paused_at is None


def test_an_application_is_withdrawn_after_one_question(browser: Client) -> None:
    send(browser)
    page = f"/apply/{Application.objects.get().pk}/withdraw/"
    assert browser.get(page).status_code == 200
    assert Application.objects.get().step == Step.SUBMITTED
    assert browser.post(page)["Location"] == STATUS
    assert Application.objects.get().step == Step.WITHDRAWN
    assert browser.get(page)["Location"] == browser.post(page)["Location"] == STATUS


def test_nobody_sees_or_touches_the_application_of_another(browser: Client) -> None:
    send(browser)
    own = Application.objects.get()
    mallory = browser_of(cast.applicant("Mallory"))
    for path in (
        f"/apply/{own.pk}/",
        f"/apply/{own.pk}/withdraw/",
        f"{STATUS}?application={own.pk}",
    ):
        send(mallory, "/apply/", company="Other", then="save")
        assert mallory.get(path).status_code == 404
        assert path.startswith(STATUS) or send(mallory, path).status_code == 404
    own.refresh_from_db()
    assert own.step == Step.SUBMITTED


def test_the_page_of_an_institution_that_is_not_live_leads_with_the_tracker(road: Road) -> None:
    application = road.until(Step.GO_LIVE_REVIEW)
    browser = browser_of(road.applicant)
    assert "tracker-steps" in browser.get("/institution/harbor-trading/").content.decode()
    road.go(application, Event.APPROVE_LIVE)
    assert "tracker-steps" not in browser.get("/institution/harbor-trading/").content.decode()
