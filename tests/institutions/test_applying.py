"""The applicant's pages: a form that loses nothing, a draft, a tracker, and one's own only."""

from html import unescape
from typing import Any

import pytest
from django.test import Client, override_settings

from connect_portal.institutions import terms_of_programme
from connect_portal.institutions.actions import ask_change, move
from connect_portal.institutions.actions.screening import screen
from connect_portal.institutions.enums import BusinessKind, Step
from connect_portal.institutions.models import Application, ChangeRequest, ConnectCode
from connect_portal.institutions.moves import Event
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.handing_in import FORM, apply, type_in
from tests.institutions.road import Road
from tests.institutions.test_road import browser_of

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


@pytest.fixture
def draft(browser: Client) -> Application:
    """Her draft, with nothing in it but the company."""
    browser.post("/apply/", {"company": "Harbor Trading"})
    return Application.objects.get()


def page_of(draft: Application, section: str) -> str:
    return f"/apply/{draft.pk}/{section}/"


def section_with(field: str) -> str:
    return next(section for section, fields in FORM.items() if field in fields)


def read(browser: Client, path: str) -> str:
    return unescape(browser.get(path).content.decode())


def send(browser: Client, draft: Application, **fields: Any) -> Any:
    """Press Next in the section of the first field."""
    section = section_with(next(iter(fields)))
    return browser.post(page_of(draft, section), fields | {"then": "next"})


def hand_in(browser: Client, draft: Application) -> Any:
    terms = {"terms": terms_of_programme.VERSION}
    return browser.post(page_of(draft, "review"), terms)


def asked(browser: Client, draft: Application, field: str, note: str) -> Person:
    """Morgan asks for a change of a field."""
    hand_in(browser, draft)
    screen(draft.pk)
    who = cast.staff("Morgan")
    ask_change(draft.pk, field, note=note, person=who, actor=who.actor)
    move(draft.pk, Event.REQUEST_INFO, person=who, actor=who.actor)
    return who


# --- beginning ----------------------------------------------------------------------------------
def test_a_stranger_is_sent_to_sign_in_and_back() -> None:
    answer = Client().get("/apply/")
    assert answer["Location"] == "/accounts/login/?next=/apply/"


def test_a_draft_begins_with_a_name_and_goes_on_where_something_is_open(browser: Client) -> None:
    begun = browser.post("/apply/", {"company": "Harbor Trading"})
    draft = Application.objects.get()
    assert begun["Location"] == f"/apply/{draft.pk}/" == browser.get("/apply/")["Location"]
    assert browser.get(begun["Location"])["Location"] == page_of(draft, "business")
    assert (draft.step, draft.contact_name, draft.due_at) == (Step.DRAFT, "Iris", None)
    assert not ConnectCode.objects.exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "This field is required"),
        ("日本", "Latin letters"),
        ("a" * 121, "at most 120"),
        ("Harbor\0", "control character (U+0000)"),
    ],
)
def test_a_name_that_cannot_be_one_begins_nothing(browser: Client, name: str, words: str) -> None:
    answer = browser.post("/apply/", {"company": name})
    assert answer.status_code == 422
    assert words in unescape(answer.content.decode())
    assert not Application.objects.exists()


def test_the_button_pressed_twice_begins_one_draft(browser: Client) -> None:
    ends = [browser.post("/apply/", {"company": name})["Location"] for name in ("Harbor", "HARBOR")]
    assert ends[0] == ends[1]
    assert Application.objects.count() == 1


# --- filling in ---------------------------------------------------------------------------------
def test_all_six_kinds_of_business_and_all_three_models_can_apply(browser: Client) -> None:
    for number, model in enumerate(("api", "oauth", "both")):
        apply(browser, model=model, company=f"Company {number}")
        browser.get("/apply/?another=1")
    channels = Application.objects.order_by("pk").values_list("channels", flat=True)
    assert list(channels) == [["api"], ["oauth"], ["api", "oauth"]]
    browser.post("/apply/", {"company": "Another"})
    page = read(browser, page_of(Application.objects.latest("pk"), "business"))
    assert all(page.count(f'value="{kind.value}"') == 2 for kind in BusinessKind)


def test_other_kinds_stand_beside_the_main_one(browser: Client, draft: Application) -> None:
    send(browser, draft, kind="aggregator", other_kinds=["social_trading", "bot_platform"])
    assert "Trading aggregator platform, Trading bot platform, Social trading community" in read(
        browser, page_of(draft, "review")
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("company", "", "This field is required"),
        ("company", "日本", "Latin letters"),
        ("company", "a" * 121, "at most 120"),
        ("kind", "bank", "Select a valid choice"),
        ("country", "ZZ", "Select a valid choice"),
        ("website", "ftp://harbor.example", "Enter a valid URL"),
        ("website", "javascript:alert(1)", "Enter a valid URL"),
        ("description", "a" * 10_000, "at most 2000 characters (it has 10000)"),
        ("expected_users", "many", "Enter a whole number"),
        ("expected_users", "-1", "greater than or equal to 1"),
        ("expected_volume", "1e99", "no more than 20 digits"),
        ("expected_volume", "NaN", "Enter a number"),
        ("registered_on", "2999-01-01", "still to come"),
        ("registered_on", "last spring", "Enter a valid date"),
        ("contact_email", "iris", "Enter a valid email"),
        ("venue_account_uid", "12a45", "4 to 20 digits"),
        ("venue_account_uid", "١٢٣٤", "4 to 20 digits"),
        ("redirect_uris", "https://a.example/\nhttp://b.example/", "http://b.example/ must begin"),
        ("redirect_uris", "\n".join(f"https://a.example/{n}" for n in range(21)), "20 at most"),
        ("ips", "10.0.0.1", "10.0.0.1 is not on the public internet"),
    ],
)
def test_what_is_malformed_is_said_beside_its_field_kept_as_typed_and_never_submitted(
    browser: Client, field: str, value: str, words: str
) -> None:
    draft = type_in(browser)
    before = Application.objects.values(*COLUMNS).get()
    answer = send(browser, draft, **{field: value})
    assert answer.status_code == 422
    for page in (unescape(answer.content.decode()), read(browser, answer.request["PATH_INFO"])):
        assert words in page
        assert 'aria-invalid="true"' in page
        assert value in page
    assert Application.objects.values(*COLUMNS).get() == before
    assert hand_in(browser, draft).status_code == 422
    sound = FORM[section_with(field)][field]
    assert send(browser, draft, **{field: sound}).status_code == 302
    assert hand_in(browser, draft).status_code == 302


COLUMNS = sorted(
    {field.name for field in Application._meta.concrete_fields} - {"malformed", "saved_at"}
)


def test_redirect_uris_are_asked_for_oauth_only(browser: Client, draft: Application) -> None:
    send(browser, draft, model="api")
    assert "Redirect URIs" not in read(browser, page_of(draft, "technical"))
    send(browser, draft, redirect_uris="not shown for this model")
    assert "redirect" not in read(browser, page_of(draft, "review")).lower()
    send(browser, draft, model="oauth")
    assert "Redirect URIs are missing" in read(browser, page_of(draft, "review"))


@override_settings(EMBEDDED=False, DEMO=False)
def test_a_real_installation_takes_no_address_of_its_own_machine(
    browser: Client, draft: Application
) -> None:
    send(browser, draft, model="oauth")
    answer = send(browser, draft, redirect_uris="http://localhost:1/cb", ips="127.0.0.1")
    assert "only a demo installation" in answer.content.decode()
    assert "loopback" in answer.content.decode()


@override_settings(DEMO=True)
def test_a_demo_installation_does(browser: Client, draft: Application) -> None:
    send(browser, draft, model="oauth")
    answer = send(browser, draft, redirect_uris="http://localhost:1/cb", ips="127.0.0.1")
    assert answer.status_code == 302


def test_a_second_draft_for_one_company_is_refused_without_losing_what_was_typed(
    browser: Client, draft: Application
) -> None:
    browser.post("/apply/", {"company": "Second"})
    second = Application.objects.latest("pk")
    typed = {"company": "HARBOR trading", "registration_number": "77"}
    answer = send(browser, second, **typed)
    assert answer.status_code == 422
    assert "You have an open application" in answer.content.decode()
    assert "HARBOR trading" in read(browser, page_of(second, "company"))
    second.refresh_from_db()
    assert (second.company, second.registration_number) == ("Second", "77")


# --- handing in ---------------------------------------------------------------------------------
def test_the_last_page_shows_everything_and_leads_to_what_is_missing(
    browser: Client, draft: Application
) -> None:
    page = read(browser, page_of(draft, "review"))
    assert f'<a href="{page_of(draft, "business")}#field-website">Website is missing</a>' in page
    assert "Certificate of incorporation is missing" in page
    assert page.count(">Edit<") == 6
    answer = hand_in(browser, draft)
    assert answer.status_code == 422
    assert "Not submitted" in answer.content.decode()
    whole = type_in(browser, company="Second")
    assert "is missing" not in read(browser, page_of(whole, "review"))


@pytest.mark.parametrize("version", ["", "2020-01"])
def test_only_the_terms_that_are_in_force_can_be_accepted(browser: Client, version: str) -> None:
    draft = type_in(browser)
    answer = browser.post(page_of(draft, "review"), {"terms": version})
    assert answer.status_code == 422
    assert terms_of_programme.VERSION in answer.content.decode()
    hand_in(browser, draft)
    accepted = Application.objects.get()
    assert accepted.terms_version == terms_of_programme.VERSION
    assert accepted.terms_accepted_at is not None


def test_the_button_pressed_twice_hands_in_once(browser: Client) -> None:
    draft = type_in(browser)
    assert hand_in(browser, draft)["Location"] == f"{STATUS}?application={draft.pk}"
    assert hand_in(browser, draft)["Location"] == f"{STATUS}?application={draft.pk}"
    assert (Application.objects.count(), ConnectCode.objects.count()) == (1, 1)


def test_another_company_gets_an_application_of_its_own(browser: Client) -> None:
    first = apply(browser)
    assert browser.get("/apply/")["Location"] == STATUS
    assert browser.get("/apply/?another=1").status_code == 200
    apply(browser, company="Second Harbor")
    assert "Second Harbor" in read(browser, STATUS)
    assert "Harbor Trading" in read(browser, f"{STATUS}?application={first.pk}")


# --- following ----------------------------------------------------------------------------------
def test_the_tracker_shows_every_step_the_clock_and_the_code(browser: Client) -> None:
    apply(browser)
    page = read(browser, STATUS)
    for words in ("Application submitted", "Contract signed", "Onboarding complete", "left"):
        assert words in page
    assert ConnectCode.objects.get().code in page
    assert page.count('aria-current="step"') == 1


def test_a_request_stands_beside_its_very_field_and_is_answered_by_a_change(
    browser: Client,
) -> None:
    draft = type_in(browser)
    asked(browser, draft, "country", "Which country?")
    assert "Which country?" in read(browser, STATUS)
    assert browser.get(f"/apply/{draft.pk}/")["Location"] == page_of(draft, "company")
    page = read(browser, page_of(draft, "company"))
    assert page.index("Registration number") < page.index("Which country?")
    assert page.index("Which country?") < page.index('id="field-country"')
    assert "1 asked" in page
    assert hand_in(browser, draft).status_code == 422
    send(browser, draft, country="CA")
    assert hand_in(browser, draft).status_code == 302
    draft.refresh_from_db()
    assert (draft.step, draft.country, draft.paused_at) == (Step.IN_REVIEW, "CA", None)


def test_a_request_is_answered_in_words(browser: Client) -> None:
    draft = type_in(browser)
    asked(browser, draft, "website", "Is this yours?")
    request = ChangeRequest.objects.get()
    assert "Is this yours?" in read(browser, page_of(draft, "business"))
    answer = browser.post(f"/apply/{draft.pk}/requests/{request.pk}/", {"reply": "It is."})
    assert answer["Location"] == f"{page_of(draft, 'business')}#field-website"
    assert "Is this yours?" not in read(browser, page_of(draft, "business"))
    assert hand_in(browser, draft).status_code == 302


def test_an_application_is_withdrawn_after_one_question(browser: Client) -> None:
    page = f"/apply/{apply(browser).pk}/withdraw/"
    assert browser.get(page).status_code == 200
    assert Application.objects.get().step == Step.SUBMITTED
    assert browser.post(page)["Location"] == STATUS
    assert Application.objects.get().step == Step.WITHDRAWN
    assert browser.get(page)["Location"] == browser.post(page)["Location"] == STATUS


def test_nobody_sees_or_touches_the_application_of_another(browser: Client) -> None:
    own = type_in(browser)
    mallory = browser_of(cast.applicant("Mallory"))
    mallory.post("/apply/", {"company": "Other"})
    pages = [page_of(own, section) for section in (*FORM, "people", "documents", "review")]
    for path in (*pages, f"/apply/{own.pk}/", f"/apply/{own.pk}/withdraw/"):
        assert mallory.get(path).status_code == 404
        assert mallory.post(path, {"website": "https://mallory.example"}).status_code in (404, 405)
    assert mallory.get(f"{STATUS}?application={own.pk}").status_code == 404
    own.refresh_from_db()
    assert (own.step, own.website) == (Step.DRAFT, "https://harbor.example/")


def test_what_is_handed_in_cannot_be_changed(browser: Client) -> None:
    own = apply(browser)
    answer = send(browser, own, website="https://later.example")
    assert answer["Location"] == f"{STATUS}?application={own.pk}"
    own.refresh_from_db()
    assert own.website == "https://harbor.example/"


def test_the_page_of_an_institution_that_is_not_live_leads_with_the_tracker(road: Road) -> None:
    application = road.until(Step.GO_LIVE_REVIEW)
    browser = browser_of(road.applicant)
    assert "tracker-steps" in browser.get("/institution/harbor-trading/").content.decode()
    road.go(application, Event.APPROVE_LIVE)
    assert "tracker-steps" not in browser.get("/institution/harbor-trading/").content.decode()
