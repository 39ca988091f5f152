"""The pages of this room: each institution sees its own and nothing else, exactly."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from itertools import pairwise

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from connect_portal.institutions import directory
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.monitoring import queries
from connect_portal.people.models import Person
from connect_portal.trades.actions.ingest import record_fills
from connect_portal.trades.models import Cursor
from tests import cast
from tests.trades.making import bound_account, fill

pytestmark = pytest.mark.django_db

LIVE, FILLS, CONSOLE = "/institution/acme/", "/institution/acme/fills/", "/console/institutions/"
SYNC = "/console/sync/"


def page(person: Person, path: str, status: int = 200) -> str:
    answer = cast.sign_in(Client(), person).get(path)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def tile(text: str, name: str) -> str:
    """What a tile shows, without markup."""
    found = re.search(rf'<span id="tile-{name}">(.*?)</dd>', text, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split())


def exact(text: str) -> list[str]:
    """Every amount of a page as it is kept, whatever is shown of it."""
    return re.findall(r'<data value="([^"]*)"', text)


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-sequence="(\d+)"', text)]


# --- whose page it is ---------------------------------------------------------------------------
def test_a_live_page_shows_its_own_fills_and_sums_and_none_of_the_rivals(
    acme: Institution, zenith: Institution, ada: Person, rival: Person, alice: Person, bob: Person
) -> None:
    at = now()
    ours, theirs = bound_account(alice, acme), bound_account(bob, zenith, uid="7002")
    record_fills(ours.pk, [fill(1, filled_at=at), fill(2, filled_at=at, tag="")])
    foreign = {"tag": "ZENITH2", "client_order_id": "secret-of-zenith", "filled_at": at}
    record_fills(theirs.pk, [fill(3, **foreign, size=Decimal(7))])

    text = page(ada, LIVE)
    assert numbers(text) == [2, 1]
    assert "ACMEcode1" in text
    assert "ZENITH2" not in text
    assert "secret-of-zenith" not in text
    assert [tile(text, name) for name in ("fills", "volume", "coverage", "other", "accounts")] == [
        "1",
        "10.00 USDT",
        "50.0 %",
        "1",
        "1",
    ]
    assert "7000" not in exact(text)
    assert "7000" in exact(page(rival, "/institution/zenith/"))


def test_the_chart_and_its_table_carry_the_same_exact_figures(
    acme: Institution, ada: Person, alice: Person
) -> None:
    account = bound_account(alice, acme)
    tiny = Decimal("0.000000000000000001")
    record_fills(account.pk, [fill(1, filled_at=now(), price=tiny, size=Decimal(1))])
    text = page(ada, LIVE)
    assert '"tagged": [' in text
    assert '"0.000000000000000001"' in text.split('id="volume-points"')[1]
    assert "0.000000000000000001" in text.split('id="volume-table"')[1].split("</table>")[0]


@pytest.mark.parametrize("path", [LIVE, FILLS, f"{FILLS}?before=9"])
@pytest.mark.parametrize("who", ["rival", "mallory", "alice", "morgan"])
def test_what_a_member_can_see_nobody_else_can(
    path: str, who: str, acme: Institution, ada: Person, bob: Person, request: pytest.FixtureRequest
) -> None:
    record_fills(bound_account(bob, acme).pk, [fill(1)])
    assert numbers(page(ada, path)) == [1]
    stranger = request.getfixturevalue(who)
    assert "ACMEcode1" not in page(stranger, path, status=403)


@pytest.mark.parametrize("who", ["ada", "mallory", "alice"])
def test_the_console_is_for_the_exchange_alone(
    who: str, acme: Institution, morgan: Person, request: pytest.FixtureRequest
) -> None:
    assert "ACMEcode1" in page(morgan, CONSOLE)
    assert "ACMEcode1" not in page(request.getfixturevalue(who), CONSOLE, status=403)


def test_an_institution_that_is_not_there_looks_like_one_that_is_not_yours(
    acme: Institution, rival: Person
) -> None:
    page(rival, "/institution/nowhere/", status=403)
    page(rival, LIVE, status=403)


# --- what it costs ------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [LIVE, f"{FILLS}?before=99"])
def test_three_rows_cost_the_queries_of_one(
    path: str,
    acme: Institution,
    ada: Person,
    alice: Person,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client, account = cast.sign_in(Client(), ada), bound_account(alice, acme)
    record_fills(account.pk, [fill(1, filled_at=now())])
    with django_assert_max_num_queries(20) as one:
        client.get(path)
    more = [fill(2, filled_at=now(), tag=""), fill(3, filled_at=now(), instrument="ETH-USDT")]
    record_fills(account.pk, more)
    with django_assert_max_num_queries(len(one)):
        assert len(numbers(client.get(path).content.decode())) == 3


def test_three_institutions_cost_the_console_the_queries_of_one(
    acme: Institution,
    morgan: Person,
    alice: Person,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = cast.sign_in(Client(), morgan)
    bound_account(alice, acme)
    with django_assert_max_num_queries(20) as one:
        client.get(CONSOLE)
    for name in ("Borea", "Corvo"):
        place = cast.institution(name, code=f"{name}1")
        owner = cast.person(f"user-of-{name}")
        other = bound_account(owner, place, uid=f"uid-{name}")
        record_fills(other.pk, [fill(1, tag=f"{name}1", filled_at=now())])
    with django_assert_max_num_queries(len(one)):
        text = client.get(CONSOLE).content.decode()
    assert all(word in text for word in ("ACMEcode1", "Borea1", "Corvo1"))


def test_the_console_gives_each_institution_its_own_figures(
    acme: Institution, zenith: Institution, alice: Person, bob: Person
) -> None:
    record_fills(
        bound_account(alice, acme).pk,
        [fill(1, filled_at=now()), fill(2, filled_at=now(), tag=""), fill(3)],
    )
    bound_account(bob, acme, uid="7002")
    lines = [
        (str(line.entry.institution), line.bound_accounts, line.tagged_fills, line.other_fills)
        for line in queries.with_figures(directory.page(directory.Sought()).rows)
    ]
    assert lines == [("Acme", 2, 1, 1), ("Zenith", 0, 0, 0)]


# --- older fills --------------------------------------------------------------------------------
def test_older_fills_are_walked_page_by_page_without_a_gap_or_a_repeat(
    acme: Institution, ada: Person, alice: Person
) -> None:
    count = 2 * queries.ROWS
    record_fills(bound_account(alice, acme).pk, [fill(n) for n in range(1, count + 1)])
    client = cast.sign_in(Client(), ada)
    text, seen = client.get(LIVE).content.decode(), []
    seen += numbers(text)
    while following := re.search(r'href="[^"]*\?before=(\d+)"', text):
        text = client.get(f"{FILLS}?before={following[1]}").content.decode()
        seen += numbers(text)
    assert seen == list(range(count, 0, -1))


def test_fills_that_arrive_while_somebody_reads_do_not_move_the_older_page(
    acme: Institution, ada: Person, alice: Person
) -> None:
    account, client = bound_account(alice, acme), cast.sign_in(Client(), ada)
    record_fills(account.pk, [fill(n) for n in range(1, 6)])
    before = numbers(client.get(f"{FILLS}?before=4").content.decode())
    record_fills(account.pk, [fill(6)])
    assert numbers(client.get(f"{FILLS}?before=4").content.decode()) == before == [3, 2, 1]


def test_the_address_without_a_number_shows_the_newest(
    acme: Institution, ada: Person, alice: Person
) -> None:
    record_fills(bound_account(alice, acme).pk, [fill(1), fill(2)])
    assert numbers(page(ada, FILLS)) == [2, 1]


@pytest.mark.parametrize("before", ["", "x", "-1", "1.5", "٣", "1_0", "%00", "9" * 19, "9" * 5000])
def test_a_number_that_is_none_gets_a_page_that_says_where_to_go(
    before: str, acme: Institution, ada: Person
) -> None:
    text = page(ada, f"{FILLS}?before={before}", status=404)
    assert "There is no such page of fills" in text
    assert f'href="{FILLS}"' in text


@pytest.mark.parametrize("before", ["0", "1", "9" * 18])
def test_a_number_beyond_what_is_there_is_an_ordinary_page(
    before: str, acme: Institution, ada: Person
) -> None:
    assert "There are no older fills." in page(ada, f"{FILLS}?before={before}")


# --- figures ------------------------------------------------------------------------------------
def test_the_smallest_fee_is_shown_to_its_last_digit(
    acme: Institution, ada: Person, alice: Person
) -> None:
    smallest = Decimal("-0.000000000000000001")
    record_fills(bound_account(alice, acme).pk, [fill(1, fee=smallest, fee_currency="BTC")])
    assert ">-0.000000000000000001<" in page(ada, LIVE)


def test_volumes_of_two_currencies_are_never_added_up(
    acme: Institution, ada: Person, alice: Person
) -> None:
    at = now()
    in_coins = {"instrument": "ETH-BTC", "quote_currency": "BTC", "price": Decimal("0.03")}
    in_dollars = {"instrument": "BTC-USDC", "quote_currency": "USDC"}
    fills = [fill(1, filled_at=at), fill(2, filled_at=at, **in_dollars, price=Decimal(900))]
    record_fills(bound_account(alice, acme).pk, [*fills, fill(3, filled_at=at, **in_coins)])
    text = page(ada, LIVE)
    assert tile(text, "volume") == "10.00 USDT"
    hint = re.sub(r"<[^>]*>", "", text.split('id="tile-volume"')[1].split("</dl>")[0])
    assert "+ 9.00 USDC" in hint
    assert "+ 0.00030000 BTC" in hint


def test_full_coverage_is_claimed_only_when_every_fill_carried_the_code(
    acme: Institution, alice: Person
) -> None:
    at, account = now(), bound_account(alice, acme)
    record_fills(account.pk, [fill(n, filled_at=at) for n in range(2, 3000)])
    assert queries.tiles(acme.pk).coverage_percent == Decimal("100.0")
    record_fills(account.pk, [fill(1, filled_at=at, tag="")])
    assert queries.tiles(acme.pk).coverage_percent == Decimal("99.9")


def test_the_sums_are_of_the_last_day_and_the_rows_of_all_time(
    acme: Institution, ada: Person, alice: Person
) -> None:
    old, fresh = now() - timedelta(hours=25), now() - timedelta(hours=23)
    fills = [fill(1, filled_at=old), fill(2, filled_at=fresh)]
    record_fills(bound_account(alice, acme, since=old).pk, fills)
    text = page(ada, LIVE)
    assert tile(text, "fills") == "1"
    assert numbers(text) == [2, 1]


def test_the_chart_has_every_minute_of_the_hour(acme: Institution, alice: Person) -> None:
    record_fills(bound_account(alice, acme).pk, [fill(1, filled_at=now())])
    minutes = [bar.minute for bar in queries.chart(acme.pk, "USDT")]
    assert len(minutes) == 61
    assert {later - earlier for earlier, later in pairwise(minutes)} == {timedelta(minutes=1)}


# --- nothing yet, and nothing good --------------------------------------------------------------
def test_an_empty_page_says_what_to_do_next(acme: Institution, ada: Person, alice: Person) -> None:
    text = page(ada, LIVE)
    assert "Ask an end user to bind an API key for you" in text
    assert tile(text, "coverage") == "— none"
    assert "every fill carried it" not in text
    bound_account(alice, acme)
    assert "Send an order with your code in its tag" in page(ada, LIVE)


def test_an_empty_console_says_what_is_missing(morgan: Person) -> None:
    client = cast.sign_in(Client(), morgan)
    assert "No institution has joined yet." in client.get(CONSOLE).content.decode()
    assert "No venue account is bound yet." in client.get(SYNC).content.decode()


def test_hostile_words_of_a_venue_stay_words(
    acme: Institution, ada: Person, alice: Person, morgan: Person
) -> None:
    script = "<script>alert(1)</script>"
    hostile = {"tag": script, "client_order_id": f'"{script}', "instrument": f"{script}-USDT"}
    account = bound_account(alice, acme)
    record_fills(account.pk, [fill(1, **hostile, fee_currency="<b>")])
    Cursor.objects.create(venue_account=account, failures=1, trouble=script)
    for person, path in ((ada, LIVE), (ada, FILLS), (morgan, SYNC)):
        markup = cast.sign_in(Client(), person).get(path).content.decode()
        assert "&lt;script&gt;alert(1)" in markup
        assert "<script>alert" not in markup
        assert "<b>" not in markup
