"""Contract templates, letters and calendars as editions: proposed by one person, approved by
another, in force from a moment on, and never changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction

from connect_portal.audit.queries import events_about
from connect_portal.facts import holidays
from connect_portal.institutions import editions
from connect_portal.institutions.actions import (
    approve_edition,
    decline_edition,
    propose_edition,
    withdraw_edition,
)
from connect_portal.institutions.contracts import offer
from connect_portal.institutions.editions import CALENDAR, CONTRACT, in_force
from connect_portal.institutions.enums import EditionKind, EditionState
from connect_portal.institutions.errors import (
    EditionDecided,
    EditionInThePast,
    EditionNoteMissing,
    EditionNotYours,
    EditionOwn,
    EditionProposed,
    EditionSame,
    EditionUnsound,
)
from connect_portal.institutions.models import Edition, Institution
from connect_portal.kit.clock import now
from connect_portal.kit.errors import Refusal
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db

WORDS = "Agreement with {{ institution }}; its code is {{ code }}.\n"


def proposed(road: Road, body: str = WORDS, **more: object) -> Edition:
    """A contract template that the account manager proposes."""
    given = {"body": body, "note": "Shorter.", "person": road.manager} | more
    return propose_edition(EditionKind.CONTRACT, CONTRACT, **given)


def test_until_somebody_writes_another_what_is_shipped_is_in_force() -> None:
    found = in_force(EditionKind.CONTRACT, CONTRACT, now())
    assert (found.number, found.effective_from) == (0, None)
    assert found.body.startswith("CONNECT AGREEMENT")
    assert editions.holidays(now()) == set(holidays())


def test_an_approved_edition_is_in_force_and_contracts_are_written_from_it(
    road: Road, acme: Institution
) -> None:
    edition = proposed(road)
    assert offer(acme, now()).edition == 0, "nothing holds that one person alone wants"
    approve_edition(edition.pk, person=road.compliance)
    offered = offer(acme, now())
    assert (offered.edition, offered.text) == (1, "Agreement with Acme; its code is ACMEcode1.\n")


def test_an_edition_takes_effect_at_its_date_and_the_one_before_holds_until_then(
    road: Road,
) -> None:
    later = now() + timedelta(days=3)
    edition = proposed(road, effective_from=later)
    approve_edition(edition.pk, person=road.compliance)
    before = in_force(EditionKind.CONTRACT, CONTRACT, later - timedelta(microseconds=1))
    after = in_force(EditionKind.CONTRACT, CONTRACT, later)
    assert (before.number, after.number) == (0, 1)


def test_a_later_edition_that_takes_effect_earlier_gives_way_when_the_other_ones_date_comes(
    road: Road,
) -> None:
    in_a_week, tomorrow = (now() + timedelta(days=days) for days in (7, 1))
    for moment in (in_a_week, tomorrow):
        edition = proposed(road, f"From {moment.isoformat()} on.", effective_from=moment)
        approve_edition(edition.pk, person=road.compliance)
    assert in_force(EditionKind.CONTRACT, CONTRACT, tomorrow).number == 2
    assert in_force(EditionKind.CONTRACT, CONTRACT, in_a_week).number == 1


def test_a_holiday_added_by_two_people_moves_the_clocks_that_start_afterwards(road: Road) -> None:
    promised = road.submitted().due_at
    assert promised is not None
    lines = editions.shipped(EditionKind.CALENDAR, CALENDAR).splitlines()
    week = {now().date() + timedelta(days=days) for days in range(5)} - set(holidays())
    lines += [f"{day} Stocktaking" for day in week if day.weekday() < 5]
    edition = propose_edition(
        EditionKind.CALENDAR,
        CALENDAR,
        body="\n".join(sorted(lines)),
        note="The office is closed.",
        person=road.manager,
    )
    approve_edition(edition.pk, person=road.compliance)
    first = road.applicant.applications.get()
    assert first.due_at == promised, "a promise is kept"
    second = road.submitted(company="Pier Trading")
    assert second.due_at is not None
    assert second.due_at - promised >= timedelta(days=1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Dear {{ customer }}", "There is no {{ customer }}. What can stand here: {{ institution"),
        ("{% load secrets %}", "is no placeholder"),
        ("{{ institution.contract }}", "is no placeholder"),
        ("{{ code", "is no placeholder"),
        (" \n", "Nothing is written here"),
        ("Title\n\n  " + "  ".join("abcdefghi"), "fits no page"),
        ("Title\n\n  a  " + "x" * 1000, "fits no page"),
    ],
)
def test_words_that_cannot_be_filled_in_are_refused_and_say_what_can(
    road: Road, body: str, said: str
) -> None:
    with pytest.raises(EditionUnsound, match=said.replace("{", "\\{")):
        proposed(road, body)


def test_what_fills_a_placeholder_is_never_filled_itself(road: Road, acme: Institution) -> None:
    Institution.objects.filter(pk=acme.pk).update(name="{{ code }} {% now %}")
    approve_edition(proposed(road).pk, person=road.compliance)
    acme.refresh_from_db()
    assert offer(acme, now()).text.startswith("Agreement with {{ code }} {% now %};")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("tomorrow New Year", "Line 1: write YYYY-MM-DD"),
        ("2027-01-01", "Line 1: write YYYY-MM-DD"),
        ("2027-02-30 Nothing", "Line 1: write YYYY-MM-DD"),
        ("2027-W01-1 New Year", "Line 1: write YYYY-MM-DD"),
        ("2027-01-01 New Year\n2027-01-01 Again", "Line 2: 2027-01-01 stands here twice"),
        ("2027-05-03 Late\n2027-01-01 Early", "Line 2: 2027-01-01 comes before"),
        ("2027-01-02 Rest", "Line 1: 2027-01-02 is a Saturday"),
    ],
)
def test_a_calendar_says_which_line_cannot_be_kept(road: Road, lines: str, said: str) -> None:
    with pytest.raises(EditionUnsound, match=said):
        propose_edition(
            EditionKind.CALENDAR, CALENDAR, body=lines, note="New.", person=road.manager
        )


def test_whoever_may_not_propose_or_approve_is_told_whose_it_is(road: Road) -> None:
    for person in (road.compliance, road.technical, road.finance, road.applicant):
        with pytest.raises(EditionNotYours, match="the account manager"):
            proposed(road, person=person)
    edition = proposed(road)
    for person in (road.technical, road.finance, road.applicant):
        with pytest.raises(EditionNotYours, match="the compliance team"):
            approve_edition(edition.pk, person=person)
    with pytest.raises(EditionOwn):
        approve_edition(edition.pk, person=road.manager)
    assert in_force(EditionKind.CONTRACT, CONTRACT, now()).number == 0


def test_a_proposal_needs_a_reason_new_words_and_a_date_to_come(road: Road) -> None:
    with pytest.raises(EditionNoteMissing):
        proposed(road, note=" ")
    with pytest.raises(EditionSame):
        proposed(road, editions.shipped(EditionKind.CONTRACT, CONTRACT).replace("\n", " \r\n"))
    with pytest.raises(EditionInThePast):
        proposed(road, effective_from=now() - timedelta(minutes=1))
    assert not Edition.objects.exists()


def test_an_edition_whose_date_passed_before_anybody_approved_it_cannot_be_approved(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = proposed(road, effective_from=now() + timedelta(hours=1))
    monkeypatch.setattr(
        "connect_portal.institutions.actions.editions.business_now",
        lambda: now() + timedelta(hours=2),
    )
    with pytest.raises(EditionInThePast):
        approve_edition(edition.pk, person=road.compliance)
    assert decline_edition(edition.pk, person=road.compliance, note="Too late.").number == 1


def test_numbers_have_no_gaps_and_one_proposal_waits_at_a_time(road: Road) -> None:
    first = proposed(road)
    with pytest.raises(EditionProposed, match="Morgan proposed edition 1"):
        proposed(road, "Other words.")
    withdraw_edition(first.pk, person=road.manager)
    second = proposed(road)
    with pytest.raises(EditionNoteMissing):
        decline_edition(second.pk, person=road.compliance, note="")
    decline_edition(second.pk, person=road.compliance, note="Not now.")
    assert proposed(road).number == 3
    states = list(Edition.objects.order_by("number").values_list("state", flat=True))
    assert states == [EditionState.WITHDRAWN, EditionState.DECLINED, EditionState.PROPOSED]


def test_each_step_of_an_edition_is_in_the_trail(road: Road) -> None:
    edition = proposed(road)
    approve_edition(edition.pk, person=road.compliance, note="Good.")
    said = [(line.tag, line.actor) for line in events_about(edition.subject)]
    assert said == [
        ("institutions:edition:proposed", road.manager.actor),
        ("institutions:edition:approved", road.compliance.actor),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE institutions_edition SET body = 'Other' WHERE number = 1",
        "UPDATE institutions_edition SET effective_from = now() WHERE number = 1",
        "UPDATE institutions_edition SET state = 'declined' WHERE number = 1",
        "UPDATE institutions_edition SET body = 'Other' WHERE number = 2",
        "UPDATE institutions_edition SET state = 'approved', body = 'Other', "
        "decided_by_id = 1, decided_at = now() WHERE number = 2",
        "DELETE FROM institutions_edition",
    ],
)
def test_the_database_refuses_to_change_an_edition(road: Road, statement: str) -> None:
    approve_edition(proposed(road).pk, person=road.compliance)
    proposed(road, "Other words.")
    with (
        pytest.raises(DatabaseError, match="decided once and never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_an_approval_by_whoever_proposed_it(road: Road) -> None:
    edition = proposed(road)
    with pytest.raises(DatabaseError, match="edition_takes_two"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(
            state=EditionState.APPROVED,
            decided_by=road.manager,
            decided_at=now(),
            effective_from=now() + timedelta(days=1),
        )


def test_the_database_refuses_a_number_that_is_not_the_next(road: Road) -> None:
    with pytest.raises(DatabaseError, match="with the next number"), transaction.atomic():
        Edition.objects.create(
            kind=EditionKind.CONTRACT,
            name=CONTRACT,
            number=7,
            body=WORDS,
            proposed_by=road.manager,
            proposed_at=now(),
            note="A gap.",
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(road: Road) -> None:
    edition = proposed(road)
    barrier = Barrier(2)

    def decide(yes: bool) -> str:
        barrier.wait()
        try:
            if yes:
                approve_edition(edition.pk, person=road.compliance)
            else:
                decline_edition(edition.pk, person=road.compliance, note="No.")
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(decide, (True, False))) == ["done", EditionDecided.code]


def test_asking_what_is_in_force_costs_one_query(
    road: Road, django_assert_num_queries: object
) -> None:
    for days in range(1, 4):
        edition = proposed(road, f"Words {days}", effective_from=now() + timedelta(days=days))
        approve_edition(edition.pk, person=road.compliance)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert in_force(EditionKind.CONTRACT, CONTRACT, now() + timedelta(days=9)).number == 3
