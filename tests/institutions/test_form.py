"""The form under people's hands: kept field by field, in two tabs, over an ended session, and what
a text may be made of."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connect_portal.institutions import names
from connect_portal.institutions.actions import remove_person, save_person
from connect_portal.institutions.form_errors import TooMany
from connect_portal.institutions.models import Application, CompanyPerson
from connect_portal.institutions.queries import Signatory, people_of, signatories_of
from tests import cast
from tests.institutions.handing_in import PERSON, ready
from tests.institutions.test_road import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Application:
    """Iris's draft with everything in it."""
    return ready(cast.applicant("Iris"))


@pytest.fixture
def browser(draft: Application) -> Client:
    """Her browser."""
    return browser_of(draft.applicant)


def page_of(draft: Application, section: str) -> str:
    return f"/apply/{draft.pk}/{section}/"


def read(browser: Client, path: str) -> str:
    return unescape(browser.get(path).content.decode())


def autosave(browser: Client, draft: Application, field: str, section: str, **sent: Any) -> Any:
    """What htmx sends when a field was changed: the whole form, and which field it was."""
    return browser.post(
        page_of(draft, section),
        sent | {"then": "autosave", "field": field},
        headers={
            "HX-Request": "true",
            "HX-Current-URL": f"http://testserver{page_of(draft, section)}",
        },
    )


# --- field by field -----------------------------------------------------------------------------
def test_a_field_is_kept_as_it_is_typed_with_the_time(browser: Client, draft: Application) -> None:
    typed = {"website": "https://new.example", "description": "half a sent"}
    answer = autosave(browser, draft, "website", "business", **typed)
    text = answer.content.decode()
    assert re.search(r"Saved [0-9]{2}:[0-9]{2}:[0-9]{2} UTC", text)
    assert 'hx-swap-oob="true"' in text
    draft.refresh_from_db()
    assert (draft.website, draft.description) == (
        "https://new.example",
        "Bots that buy low and sell high.",
    )


def test_a_malformed_field_is_said_at_once_and_kept_beside_the_sound_value(
    browser: Client, draft: Application
) -> None:
    answer = autosave(browser, draft, "website", "business", website="ftp://new.example")
    assert "Enter a valid URL" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.website == "https://harbor.example/"
    assert draft.malformed["website"]["typed"] == "ftp://new.example"
    again = autosave(browser, draft, "website", "business", website="https://new.example")
    assert "Enter a valid URL" not in again.content.decode()
    draft.refresh_from_db()
    assert (draft.website, draft.malformed) == ("https://new.example", {})


def test_a_choice_that_a_browser_cannot_show_is_repeated_in_words(
    browser: Client, draft: Application
) -> None:
    browser.post(page_of(draft, "company"), {"registered_on": "31/12/2019"})
    page = read(browser, page_of(draft, "company"))
    assert "You had written: <bdi>31/12/2019</bdi>" in page


def test_a_field_can_be_emptied(browser: Client, draft: Application) -> None:
    emptied = {"trading_name": "", "initial-trading_name": "Harbor", "other_kinds": []}
    Application.objects.update(trading_name="Harbor", other_kinds=["aggregator"])
    browser.post(page_of(draft, "company"), emptied)
    browser.post(page_of(draft, "business"), {"initial-other_kinds": "aggregator"})
    draft.refresh_from_db()
    assert (draft.trading_name, draft.other_kinds) == ("", [])


def test_of_two_tabs_neither_overwrites_what_the_other_changed(
    browser: Client, draft: Application
) -> None:
    shown = {
        "website": "https://harbor.example/",
        "description": "Bots that buy low and sell high.",
    }
    carried = {f"initial-{name}": value for name, value in shown.items()}
    browser.post(page_of(draft, "business"), shown | carried | {"website": "https://one.example"})
    browser.post(page_of(draft, "business"), shown | carried | {"description": "Typed in two."})
    draft.refresh_from_db()
    assert (draft.website, draft.description) == ("https://one.example", "Typed in two.")


# --- a session that ends meanwhile --------------------------------------------------------------
@pytest.mark.parametrize("is_autosave", [True, False])
def test_what_was_typed_when_the_session_had_ended_is_kept_after_signing_in(
    browser: Client, draft: Application, is_autosave: bool
) -> None:
    browser.logout()
    typed = {"website": "https://typed.example", "description": "Long words."}
    if is_autosave:
        answer = autosave(browser, draft, "website", "business", **typed)
        assert answer["HX-Redirect"].startswith("/accounts/login/")
    else:
        answer = browser.post(page_of(draft, "business"), typed)
        assert answer["Location"].startswith("/accounts/login/")
    draft.refresh_from_db()
    assert draft.website == "https://harbor.example/"
    browser.force_login(draft.applicant)
    page = read(browser, page_of(draft, "business"))
    assert "What you had typed before you were signed out is kept." in page
    draft.refresh_from_db()
    assert (draft.website, draft.description) == ("https://typed.example", "Long words.")


def test_a_person_half_typed_is_in_the_form_again_after_signing_in(
    browser: Client, draft: Application
) -> None:
    browser.logout()
    browser.post(page_of(draft, "people"), PERSON | {"name": "Otto", "then": "enter:"})
    browser.force_login(draft.applicant)
    assert 'value="Otto"' in read(browser, page_of(draft, "people"))
    assert CompanyPerson.objects.count() == 1


def test_what_one_person_typed_is_never_shown_to_the_next_at_the_same_browser(
    browser: Client, draft: Application
) -> None:
    browser.logout()
    browser.post(page_of(draft, "business"), {"description": "A secret plan."})
    cast.sign_in(browser, cast.applicant("Mallory"))
    assert browser.get(page_of(draft, "business")).status_code == 404


def test_a_key_is_never_kept_in_a_session(browser: Client, draft: Application) -> None:
    browser.logout()
    key = {"api_key": "a", "secret": "b", "passphrase": "c", "then": "key"}
    browser.post(page_of(draft, "technical"), key)
    assert "form_kept" not in browser.session


# --- what a text is made of ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Аcme Trading", "mixes Latin letters with Cyrillic ones that look alike (“А” is U+0410"),
        ("Acmε", "mixes Latin letters with Greek"),
        ("Acme\u200b", "no invisible characters (U+200B"),
        ("Acme\u202eLtd", "changes the direction of writing"),
        ("Acme\x07", "control character"),
        ("Acme\ue000", "no invisible characters"),
    ],
)
def test_a_name_that_passes_for_another_is_refused_in_words(
    browser: Client, draft: Application, name: str, words: str
) -> None:
    answer = browser.post(page_of(draft, "company"), {"company": name})
    assert answer.status_code == 422
    assert words in unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ｈａｒｂｏｒ  Ltd", "Harbor Ltd"),
        ("Müller & Söhne", "Müller & Söhne"),
        ("شركة ميناء Harbor", "شركة ميناء Harbor"),
        ("港湾 Harbor", "港湾 Harbor"),
        ("Компания", "Компания"),
    ],
)
def test_names_of_all_the_world_are_kept(typed: str, kept: str) -> None:
    assert names.name(typed) == kept


def test_text_from_right_to_left_is_welcome_and_shown_in_its_own_direction(
    browser: Client, draft: Application
) -> None:
    browser.post(page_of(draft, "company"), {"trading_name": "شركة ميناء"})
    assert "<bdi>شركة ميناء</bdi>" in read(browser, page_of(draft, "review"))


def test_a_field_that_is_far_too_long_is_refused_and_its_beginning_kept_for_mending(
    browser: Client, draft: Application
) -> None:
    answer = browser.post(page_of(draft, "business"), {"description": "a" * 400_000})
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert len(draft.malformed["description"]["typed"]) == 20_000


# --- people -------------------------------------------------------------------------------------
def test_people_are_named_changed_and_taken_out(browser: Client, draft: Application) -> None:
    page = page_of(draft, "people")
    otto = {"name": "Otto", "roles": ["owner"], "country": "CA", "share": "40.00"}
    assert browser.post(page, otto | {"then": "enter:"}).status_code == 302
    added = CompanyPerson.objects.get(name="Otto")
    assert 'value="Otto"' in read(browser, f"{page}?person={added.pk}")
    changed = otto | {"share": "30", "then": f"enter:{added.pk}"}
    assert browser.post(page, changed).status_code == 302
    assert [str(person.share) for person in people_of(draft.pk)] == ["60.00", "30.00"]
    assert browser.post(page, {"then": f"remove:{added.pk}"}).status_code == 302
    assert [person.name for person in people_of(draft.pk)] == ["Iris"]
    assert browser.post(page, {"then": f"remove:{added.pk}"}).status_code == 404
    assert signatories_of(draft.pk) == [Signatory("Iris", "iris@example.com")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"roles": []}, "This field is required"),
        ({"share": ""}, "how much of the company"),
        ({"share": "101"}, "at most 100"),
        ({"share": "0"}, "more than 0"),
        ({"share": "12.345"}, "no more than 2 decimal places"),
        ({"email": ""}, "A signatory needs an email address"),
        ({"name": "Irіs"}, "Cyrillic"),
        ({"country": ""}, "This field is required"),
    ],
)
def test_what_a_role_needs_is_asked_and_nothing_typed_is_lost(
    browser: Client, draft: Application, change: dict[str, Any], words: str
) -> None:
    typed = {"name": "Otto Quarry"} if "name" not in change else {}
    answer = browser.post(page_of(draft, "people"), PERSON | typed | change | {"then": "enter:"})
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert words in page
    assert f'value="{change.get("name", "Otto Quarry")}"' in page
    assert CompanyPerson.objects.count() == 1


def test_a_company_has_a_director_a_signatory_and_an_owner_or_says_it_has_none(
    browser: Client, draft: Application
) -> None:
    (iris,) = people_of(draft.pk)
    save_person(
        draft.applicant, draft.pk, {"roles": ["director"], "share": None}, person_id=iris.pk
    )
    page = read(browser, page_of(draft, "review"))
    assert "An authorised signatory is missing" in page
    assert "Name who owns 25 % or more" in page
    browser.post(page_of(draft, "people"), {"has_no_owner": "on"})
    assert "Name who owns" not in read(browser, page_of(draft, "review"))
    remove_person(draft.applicant, draft.pk, iris.pk)
    assert "A director is missing" in read(browser, page_of(draft, "review"))


def test_the_share_from_which_somebody_is_an_owner_is_a_setting(
    browser: Client, draft: Application, settings: Any
) -> None:
    settings.OWNER_SHARE_PERCENT = 10
    assert "Nobody owns 10 % or more" in read(browser, page_of(draft, "people"))


def test_shares_never_come_to_more_than_everything(browser: Client, draft: Application) -> None:
    save_person(draft.applicant, draft.pk, PERSON | {"name": "Otto"})
    assert "more than 100 %" in read(browser, page_of(draft, "review"))


def test_nobody_names_people_without_end(draft: Application) -> None:
    rows = [CompanyPerson(application=draft, **PERSON) for _ in range(49)]
    CompanyPerson.objects.bulk_create(rows)
    with pytest.raises(TooMany, match="50 people at most"):
        save_person(draft.applicant, draft.pk, PERSON)


# --- as many queries for much as for little -----------------------------------------------------
@pytest.mark.parametrize("section", ["people", "documents", "review"])
def test_a_page_asks_as_much_for_thirty_people_as_for_one(
    browser: Client, draft: Application, section: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(page_of(draft, section)).status_code == 200
        return len(asked)

    queries()
    before = queries()
    CompanyPerson.objects.bulk_create([CompanyPerson(application=draft, **PERSON)] * 30)
    assert queries() == before
