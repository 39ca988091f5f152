"""Editions on the console: who sees which buttons, what is kept, and who is told what."""

from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core import mail
from pytest_django import DjangoAssertNumQueries

from connect_portal.institutions import editing, editions
from connect_portal.institutions.actions import (
    accept_contract,
    approve_edition,
    letters,
    propose_edition,
)
from connect_portal.institutions.contracts import offer
from connect_portal.institutions.editions import CALENDAR, CONTRACT
from connect_portal.institutions.enums import EditionKind, EditionState
from connect_portal.institutions.models import Contract, Edition, Institution, Letter
from connect_portal.institutions.moves import Event
from connect_portal.kit.clock import now
from connect_portal.terms.actions import load_example_plan
from connect_portal.terms.queries import example_plan_version, plan_version, rate
from tests import cast
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db

SHELF, TEMPLATE = "/console/editions/", f"/console/editions/contract/{CONTRACT}/"
LETTER = "/console/editions/letter/approve/"
CALENDARS = f"/console/editions/calendar/{CALENDAR}/"
WORDS = "Agreement with {{ institution }}; its code is {{ code }}."


def page(road: Road, who: Any, path: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
    """What somebody sees at a path, after following where it leads."""
    browser = road.browser(who)
    answer = browser.get(path) if data is None else browser.post(path, data, follow=True)
    return answer.status_code, unescape(answer.content.decode())


def plan() -> str:
    """The name of the one plan there is."""
    (name,) = editions.titles(EditionKind.PLAN)
    return name


def levels(**changed: str) -> dict[str, str]:
    """A plan of three levels as the form sends it."""
    rows = [("0", "0", "0", "0"), ("10000", "5", "26", "5"), ("1000000", "10", "31.5", "7.5")]
    names = ("min_volume", "min_traders", "rate", "affiliated_rate")
    typed = {
        f"levels-{number}-{name}": value
        for number, row in enumerate(rows)
        for name, value in zip(names, row, strict=True)
    }
    count = {"levels-TOTAL_FORMS": "4", "levels-INITIAL_FORMS": "0"}
    return count | typed | {"note": "A better offer.", "effective_from": ""} | changed


def test_a_new_edition_is_written_approved_and_in_force(road: Road, acme: Institution) -> None:
    status, text = page(road, road.manager, f"{TEMPLATE}new/", {"body": WORDS, "note": "Shorter."})
    assert status == 200
    assert "It waits for the compliance team" in text
    assert "Agreement with Harbor Trading; its code is HARBOR1." in text, "the preview"
    assert "<ins><span" in text
    assert 'value="approve"' not in text
    assert 'value="withdraw"' in text
    _, text = page(road, road.compliance, SHELF)
    assert "Waits for a second person" in text
    assert f'href="{TEMPLATE}1/">Connect agreement, edition 1</a>' in text
    status, text = page(road, road.compliance, f"{TEMPLATE}1/", {"choice": "approve", "note": ""})
    assert (status, offer(acme, now()).edition) == (200, 1)
    assert "Done, and noted in the trail." in text
    _, text = page(road, road.finance, TEMPLATE)
    assert "In force: edition 1" in text
    assert "Shorter." in text


def test_a_proposal_is_compared_with_what_holds_until_its_date(road: Road) -> None:
    soon, later = (now() + timedelta(days=days) for days in (1, 2))
    for body, moment in (("The first words.", soon), ("The second words.", later)):
        edition = propose_edition(
            EditionKind.CONTRACT,
            CONTRACT,
            body=body,
            note="New.",
            effective_from=moment,
            person=road.manager,
        )
        if moment == soon:
            approve_edition(edition.pk, person=road.compliance)
    _, text = page(road, road.compliance, f"{TEMPLATE}2/")
    assert "against edition 1" in text
    assert "gone: </span>The first words.</del>" in text


def test_what_was_typed_stays_when_it_cannot_be_proposed(road: Road) -> None:
    typed = {"body": "Dear {{ customer }} <b>", "note": "Because.", "effective_from": "2020-01-01"}
    status, text = page(road, road.manager, f"{TEMPLATE}new/", typed)
    assert status == 422
    assert "There is no {{ customer }}. What can stand here: {{ institution }}" in text
    assert "Dear {{ customer }} <b></textarea>" in text
    assert 'value="2020-01-01"' in text
    status, text = page(road, road.manager, f"{TEMPLATE}new/", typed | {"body": WORDS})
    assert status == 422
    assert "that is in the past" in text
    assert not Edition.objects.exists()


def test_a_form_is_open_to_read_for_staff_and_sent_by_the_account_manager_only(road: Road) -> None:
    status, text = page(road, road.technical, f"{TEMPLATE}new/")
    assert status == 200
    assert "A new edition is proposed by the account manager." in text
    typed = {"body": WORDS, "note": "Shorter."}
    status, text = page(road, road.technical, f"{TEMPLATE}new/", typed)
    assert status == 403
    assert "this is for the account manager" in text
    assert WORDS in text
    assert road.browser(road.applicant).get(SHELF).status_code == 403


def test_who_comes_second_is_told_who_was_first(road: Road) -> None:
    page(road, road.manager, f"{TEMPLATE}new/", {"body": WORDS, "note": "Shorter."})
    status, text = page(road, road.manager, f"{TEMPLATE}new/", {"body": "Other", "note": "Now."})
    assert (status, "Morgan proposed edition 1" in text) == (409, True)
    page(road, road.compliance, f"{TEMPLATE}1/", {"choice": "decline", "note": "Too short."})
    status, text = page(road, road.compliance, f"{TEMPLATE}1/", {"choice": "approve", "note": ""})
    assert (status, "already declined by Cora" in text) == (409, True)
    assert "Too short." in text


def test_declining_needs_a_reason_and_an_unknown_button_changes_nothing(road: Road) -> None:
    page(road, road.manager, f"{TEMPLATE}new/", {"body": WORDS, "note": "Shorter."})
    for sent, said in (
        ({"choice": "decline", "note": " "}, "This needs a note that says why."),
        ({"choice": "print", "note": ""}, "That button is unknown"),
    ):
        status, text = page(road, road.compliance, f"{TEMPLATE}1/", sent)
        assert (status, said in text) == (422, True)
    assert Edition.objects.get().state == EditionState.PROPOSED


@pytest.mark.parametrize(
    "path",
    ["editions/novel/x/", "editions/contract/x/", "editions/letter/x/new/", "editions/plan/0/"],
)
def test_what_has_no_editions_is_not_found(road: Road, path: str) -> None:
    assert page(road, road.manager, f"/console/{path}")[0] == 404
    assert page(road, road.manager, f"{TEMPLATE}7/")[0] == 404


def test_a_letter_is_shown_as_text_and_in_a_frame_that_runs_nothing(road: Road) -> None:
    browser = road.browser(road.manager)
    text = browser.get(LETTER).content.decode()
    assert "Harbor Trading: your application is approved" in text
    assert '<iframe class="paper paper-frame" sandbox title="The letter as HTML"' in text
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in text


def test_a_calendar_is_shown_by_years_and_says_what_is_new(road: Road) -> None:
    body = editions.shipped(EditionKind.CALENDAR, CALENDAR) + "2029-01-01 New Year's Day\n"
    page(road, road.manager, f"{CALENDARS}new/", {"body": body, "note": "2029 begins."})
    _, text = page(road, road.compliance, f"{CALENDARS}1/")
    assert "<h3>2029</h3>" in text
    assert '<span class="visually-hidden">new: </span>2029-01-01 New Year\'s Day</ins>' in text
    assert text.count("<ins>") == 1


# --- commission plans ---------------------------------------------------------------------------
def test_a_plan_is_changed_row_by_row_and_approved_by_finance(
    road: Road, acme: Institution
) -> None:
    old = example_plan_version()
    accept_contract(acme.pk, plan_version_id=old, level=1, accepted_by="Ada", actor=cast.ACTOR)
    path = f"/console/editions/plan/{plan()}/"
    status, text = page(road, road.manager, f"{path}new/")
    assert (status, 'value="12.5"' in text) == (200, True)
    status, text = page(road, road.manager, f"{path}new/", levels())
    assert (status, "It waits for the finance team" in text) == (200, True)
    assert page(road, road.compliance, f"{path}1/", {"choice": "approve"})[0] == 403
    status, text = page(road, road.finance, f"{path}1/", {"choice": "approve"})
    assert (status, "version 2 of the plan" in text) == (200, True)
    new = example_plan_version()
    assert plan_version(new).number == 2
    assert rate(new, 2) == Decimal("0.315")
    assert offer(acme, now()).plan_version_id == new
    assert Contract.objects.get().plan_version_id == old, "a contract keeps its version"
    assert load_example_plan().pk == new, "what a release ships does not overrule people"


def test_a_plan_takes_effect_at_its_date(road: Road, acme: Institution) -> None:
    later = now() + timedelta(days=3)
    edition = propose_edition(
        EditionKind.PLAN,
        plan(),
        body="0 0 0 0 0\n1 0 0 10 0",
        note="Simpler.",
        effective_from=later,
        person=road.manager,
    )
    approve_edition(edition.pk, person=road.finance)
    before, after = (offer(acme, at).plan_version_id for at in (now(), later))
    assert (plan_version(before).number, plan_version(after).number) == (1, 2)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"levels-1-rate": "32"}, "Level 2 pays less than the level below it."),
        ({"levels-1-affiliated_rate": "27"}, "Level 1: the share with another inviter is above"),
        ({"levels-2-min_volume": "1"}, "Level 2 takes less than the level below it."),
        ({"levels-1-rate": "lots"}, "Enter a number."),
        ({"levels-1-rate": "NaN"}, "Enter a number."),
        ({"levels-1-rate": "101"}, "less than or equal to 100"),
        ({"levels-2-min_traders": ""}, "This field is required."),
        ({"levels-TOTAL_FORMS": "x"}, "The rows did not arrive whole."),
        ({"levels-3-min_volume": "5000000"}, "This field is required."),
        ({"note": ""}, "This field is required."),
    ],
)
def test_a_plan_that_is_unsound_is_refused_and_what_was_typed_stays(
    road: Road, changed: dict[str, str], said: str
) -> None:
    path = f"/console/editions/plan/{plan()}/new/"
    status, text = page(road, road.manager, path, levels(**changed))
    assert (status, said in text) == (422, True)
    if "levels-TOTAL_FORMS" not in changed:
        assert 'value="7.5"' in text
    assert not Edition.objects.exists()


def test_a_level_is_taken_away_by_emptying_its_row_but_not_from_the_middle(road: Road) -> None:
    path = f"/console/editions/plan/{plan()}/new/"
    names = ("min_volume", "min_traders", "rate", "affiliated_rate")
    for number, status in ((1, 422), (2, 200)):
        empty = {f"levels-{number}-{name}": "" for name in names}
        answered, text = page(road, road.manager, path, levels(**empty))
        assert answered == status
        assert ("Level 1 is empty; a higher one is not." in text) == (number == 1)
    assert Edition.objects.get().body.splitlines() == ["0 0 0 0 0", "1 10000 5 26 5"]


# --- letters on the case, and what pages cost ---------------------------------------------------
def test_a_letter_that_was_sent_can_be_read_again_on_the_case(road: Road) -> None:
    application = road.submitted()
    letter = Letter.objects.get()
    path = f"/console/applications/{application.pk}/letters/{letter.pk}/"
    assert "On its way" in page(road, road.manager, path)[1]
    letters.send_letter(letter.pk)
    status, text = page(road, road.manager, path)
    assert status == 200
    for shown in (mail.outbox[0].subject, mail.outbox[0].body, road.applicant.email, "edition 0"):
        assert shown in text
    assert path in page(road, road.manager, f"/console/applications/{application.pk}/")[1]
    assert page(road, road.manager, f"/console/applications/0/letters/{letter.pk}/")[0] == 404


def test_the_list_costs_the_same_however_many_editions_there_are(
    road: Road, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def count() -> int:
        with django_assert_num_queries(2):
            return sum(len(row.coming) for _, rows in editing.shelves(now()) for row in rows)

    assert count() == 0
    for days in range(1, 4):
        for event in (Event.APPROVE, Event.REJECT):
            edition = propose_edition(
                EditionKind.LETTER,
                event,
                body=f"Subject {days}\n\nWords.",
                note="New.",
                effective_from=now() + timedelta(days=days),
                person=road.manager,
            )
            approve_edition(edition.pk, person=road.compliance)
    assert count() == 6


def test_every_shipped_word_and_day_is_listed_and_sound() -> None:
    for kind in EditionKind:
        for name in editions.titles(kind):
            body = editions.shipped(kind, name)
            assert editions.problems(kind, body) == [], f"{kind} {name}"
            assert editing.preview(kind, name, body, now())
    shipped = {file.stem for file in (editions.FOLDER / "letter").iterdir()}
    assert shipped == editions.titles(EditionKind.LETTER).keys()
