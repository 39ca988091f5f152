"""The console's list of institutions, and the page of one: its whole story, and its buttons."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from connect_portal.institutions import directory
from connect_portal.institutions.directory import Order, Sought
from connect_portal.institutions.enums import CodeState, Step
from connect_portal.institutions.models import Application, Institution, Letter
from connect_portal.institutions.moves import Event
from connect_portal.institutions.tracking import application_of
from connect_portal.kit.clock import now
from connect_portal.monitoring import timeline as telling
from connect_portal.monitoring.timeline import About, timeline
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from tests import cast
from tests.institutions.road import Road
from tests.trades.making import bound_account, fill

pytestmark = pytest.mark.django_db

LIST = "/console/institutions/"


@pytest.fixture
def road() -> Road:
    """The people of an application."""
    return Road.make()


def shown(person: Person, path: str, status: int = 200) -> str:
    answer = cast.sign_in(Client(), person).get(path)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def named(page: directory.Page) -> list[str]:
    return [str(row.institution) for row in page.rows]


def live(road: Road) -> tuple[Application, Institution]:
    application = road.until(Step.ACTIVE)
    assert application.institution is not None
    return application, application.institution


def story(place: Institution, **wanted: str) -> list[tuple[str, str]]:
    """Kind and title of everything that is told, newest first."""
    told = timeline(About(place, application_of(place.pk)), **wanted)
    return [(entry.kind, entry.title) for entry in told.entries]


# --- the list -----------------------------------------------------------------------------------
def test_the_list_is_walked_by_name_or_by_age_each_institution_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(directory, "ROWS", 2)
    names = ["Delta", "Atlas", "Cedar", "Borea", "Echo"]
    for number, name in enumerate(names):
        cast.institution(name, code=f"Code{number}")
    Institution.objects.filter(name__in=("Cedar", "Borea")).update(opened_at=now())
    for order, expected in ((Order.NAME, sorted(names)), (Order.NEWEST, None)):
        seen: list[str] = []
        after = None
        while True:
            page = directory.page(Sought(order=order), after=after)
            seen += named(page)
            if (after := page.goes_on) is None:
                break
        assert sorted(seen) == sorted(names)
        assert seen == (expected or ["Borea", "Cedar", "Echo", "Atlas", "Delta"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=acm", {"Acme"}),
        ("q=ZENITH2", {"Zenith"}),
        ("channel=api", {"Acme", "Harbor Trading"}),
        ("state=active", {"Harbor Trading"}),
        ("state=suspended", set()),
        ("order=newest", {"Acme", "Zenith", "Harbor Trading"}),
    ],
)
def test_institutions_are_searched_and_narrowed_by_the_address(
    road: Road, acme: Institution, zenith: Institution, query: str, found: set[str]
) -> None:
    live(road)
    Institution.objects.filter(pk=zenith.pk).update(channels=["oauth"])
    page = shown(road.manager, f"{LIST}?{query}")
    assert set(re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)) == found


@pytest.mark.parametrize("query", ["state=draft", "channel=fax", "order=age", "after=x", "after=0"])
def test_a_list_that_nobody_knows_is_answered_in_words(
    morgan: Person, acme: Institution, query: str
) -> None:
    page = shown(morgan, f"{LIST}?{query}", status=422)
    assert f"does not know ({query.partition('=')[0]})" in page
    assert "Acme" in page


def test_a_page_after_an_institution_that_is_not_there_is_empty(
    morgan: Person, acme: Institution
) -> None:
    assert "No institution has joined yet" in shown(morgan, f"{LIST}?after=999999")


# --- the story ----------------------------------------------------------------------------------
def test_the_timeline_tells_everything_of_an_institution_newest_first(
    road: Road, alice: Person
) -> None:
    application, place = live(road)
    Letter.objects.filter(move__application=application).update(sent_at=now(), subject="News")
    code = application.codes.get().code
    account = bound_account(alice, place, since=now() - timedelta(seconds=5))
    record_fills(account.pk, [fill(1, tag=code, filled_at=now())])
    told = [(entry.kind, entry.title) for entry in _walked(About(place, application))]
    assert told[0] == ("connections", "1 connection began, 0 ended")
    assert told[1] == ("orders", "1 fill with the code")
    kinds = {kind for kind, _ in told}
    assert {"moves", "codes", "contract", "letters", "contacts", "desk"} <= kinds
    steps = [title for kind, title in told if kind == "moves"]
    assert steps[0] == "Complete"
    assert steps.index("Go live") < steps.index("Approve")


def test_the_timeline_is_walked_to_its_beginning_without_a_gap_or_a_repeat(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, place = live(road)
    about = About(place, application)
    Letter.objects.update(sent_at=now(), subject="News")  # many entries of one moment
    whole = [one.key for one in _walked(about)]
    monkeypatch.setattr(telling, "ROWS", 3)
    assert [one.key for one in _walked(about)] == whole
    assert len(set(whole)) == len(whole) > 20
    assert whole == sorted(whole, reverse=True)


def test_days_with_fills_are_walked_a_fortnight_at_a_time(acme: Institution, alice: Person) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    account = bound_account(alice, acme, since=noon - timedelta(days=500))
    gone = (0, 1, 5, 13, 14, 40, 41, 300)
    moments = [noon - timedelta(days=number) for number in gone]
    record_fills(account.pk, [fill(n, filled_at=at) for n, at in enumerate(moments)])
    days = [one.at.date() for one in _walked(About(acme, None), kind="orders")]
    assert days == [at.date() for at in moments]


def test_a_kind_is_told_alone(road: Road) -> None:
    _, place = live(road)
    assert {kind for kind, _ in story(place, kind="codes")} == {"codes"}
    assert story(place, kind="contacts") == [("contacts", "Log the contact")]
    moves = story(place, kind="moves")
    assert ("contacts", "Log the contact") not in moves
    assert ("moves", "Approve") in moves


def test_a_change_of_a_code_says_from_what_to_what_and_who(road: Road) -> None:
    _, place = live(road)
    told = timeline(About(place, application_of(place.pk)), kind="codes").entries
    assert "sandbox → active" in told[0].detail
    assert told[0].actor == "Morgan"


def test_people_who_connected_stay_numbers(road: Road, alice: Person) -> None:
    _, place = live(road)
    bound_account(alice, place, since=now())
    page = shown(road.manager, f"{LIST}{place.slug}/")
    assert "1 connection began" in page
    assert "Alice" not in page


@pytest.mark.parametrize(
    "query",
    [
        *("kind=gossip", "before=x", "before=1", "before=1.1", "before=1.1.1.1", "before=²"),
        *(f"before={'9' * 40}.0.0", "before=", "before=1.1.x"),
    ],
)
def test_a_page_of_the_story_that_is_not_there_is_not_found(
    acme: Institution, morgan: Person, query: str
) -> None:
    shown(morgan, f"{LIST}acme/?{query}", status=404)


def test_before_everything_there_is_nothing(acme: Institution, morgan: Person) -> None:
    assert "Show everything from the newest on" in shown(morgan, f"{LIST}acme/?before=0.0.0")


# --- how it stands ------------------------------------------------------------------------------
def test_the_panels_show_people_codes_plan_and_who_looks_after_it(road: Road) -> None:
    application, place = live(road)
    page = shown(road.manager, f"{LIST}{place.slug}/")
    code = application.codes.get()
    assert code.state == CodeState.ACTIVE
    for words in (code.code, "iris@example.com", "Morgan", "level 1"):
        assert words in page


def test_flags_name_what_somebody_ought_to_look_at(road: Road) -> None:
    application, place = live(road)
    road.go(application, Event.SUSPEND)
    page = shown(road.manager, f"{LIST}{place.slug}/")
    assert "Suspended: its code does not count" in page


def test_the_buttons_lead_to_the_review_page_and_are_each_roles_own(road: Road) -> None:
    application, place = live(road)
    page = shown(road.compliance, f"{LIST}{place.slug}/")
    assert f'action="/console/applications/{application.pk}/"' in page
    assert 'value="propose:suspend"' in page
    assert 'value="propose:suspend"' not in shown(road.manager, f"{LIST}{place.slug}/")


def test_an_institution_without_an_application_has_its_page_too(
    acme: Institution, morgan: Person
) -> None:
    page = shown(morgan, f"{LIST}acme/")
    assert "entered without an application" in page
    assert "Code issued" in page


def test_only_staff_read_it(acme: Institution, ada: Person) -> None:
    shown(ada, LIST, status=403)
    shown(ada, f"{LIST}acme/", status=403)


def test_an_institution_that_is_not_there_is_not_found(morgan: Person) -> None:
    shown(morgan, f"{LIST}nowhere/", status=404)


def test_a_long_story_costs_as_many_queries_as_a_short_one(
    acme: Institution,
    morgan: Person,
    alice: Person,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client, account = cast.sign_in(Client(), morgan), bound_account(alice, acme)
    record_fills(account.pk, [fill(1, filled_at=now())])
    client.get(f"{LIST}acme/")
    with django_assert_max_num_queries(60) as short:
        client.get(f"{LIST}acme/")
    moments = [now() - timedelta(days=number) for number in range(30)]
    record_fills(account.pk, [fill(n + 2, filled_at=at) for n, at in enumerate(moments)])
    cast.member("Ada", acme)
    with django_assert_max_num_queries(len(short)):
        assert "with the code" in client.get(f"{LIST}acme/").content.decode()


def test_volumes_are_told_by_currency(acme: Institution, alice: Person) -> None:
    at = now()
    size = {"size": Decimal(2), "price": Decimal(10), "filled_at": at}
    record_fills(bound_account(alice, acme).pk, [fill(1, **size), fill(2, tag="", **size)])
    (entry,) = timeline(About(acme, None), kind="orders").entries
    assert (entry.title, entry.detail) == ("1 fill with the code, 1 without", "20.00 USDT")


def _walked(about: About, kind: str = "") -> list[telling.Entry]:
    """Every entry, page by page, by the keys that the pages carry."""
    entries: list[telling.Entry] = []
    before = None
    while True:
        page = timeline(about, kind=kind, before=before)
        entries += page.entries
        if page.goes_on is None:
            return entries
        before = telling.read_key(str(page.goes_on))


def test_what_sums_up_a_day_names_the_day_and_no_minute_of_it(
    acme: Institution, morgan: Person, alice: Person
) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    account = bound_account(alice, acme, since=at - timedelta(days=1))
    record_fills(account.pk, [fill(1, filled_at=at)])
    said = shown(morgan, f"{LIST}acme/")
    assert '2026-03-02 <span class="zone">UTC</span>' in said
    assert "23:59 <span" not in said
