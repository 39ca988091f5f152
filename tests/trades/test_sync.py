"""Reading accounts at a real exchange, through everything that can go wrong on the way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils.timezone import now

from connect_portal.audit.queries import events_about
from connect_portal.authorizations import actions as authorizations
from connect_portal.authorizations.models import Binding, VenueAccount
from connect_portal.authorizations.queries import accesses
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.trades.actions.reading import REREAD_EVERY
from connect_portal.trades.actions.sync import catch_up, look
from connect_portal.trades.models import Attribution, Cursor, Fill, Order, Quarantine
from connect_portal.venue.registry import venue
from tests.faults import proxy as faults
from tests.faults.exchange import (
    FILLS,
    assert_mirrored,
    assert_rolled_up,
    bound,
    credentials,
    eventually,
    fills_at_venue,
    rich_trader,
    trade,
)
from tests.faults.proxy import Fault, Proxy
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = "/api/v5/trade/orders-pending"


@pytest.fixture
def maker(exchange: Sandbox) -> Trader:
    """The other side of every trade."""
    return rich_trader(exchange)


@pytest.fixture
def trader(exchange: Sandbox) -> Trader:
    """Alice at the exchange."""
    return rich_trader(exchange)


@pytest.fixture
def account(trader: Trader, alice: Person, acme: Institution) -> VenueAccount:
    """Alice's account, bound for Acme and read once."""
    bound_account = bound(alice, trader, acme)
    catch_up([bound_account.pk])
    assert Cursor.objects.get().failures == 0
    return bound_account


def cursor_of(account: VenueAccount) -> Cursor:
    return Cursor.objects.get(pk=account.pk)


def let_time_pass(account: VenueAccount) -> None:
    """As if the last reading had been before the last boundary of the second look."""
    Cursor.objects.filter(pk=account.pk).update(read_at=F("read_at") - REREAD_EVERY)


def test_two_accounts_that_traded_with_each_other_are_mirrored_once_each(
    exchange: Sandbox, alice: Person, bob: Person, acme: Institution, zenith: Institution
) -> None:
    seller, buyer = rich_trader(exchange), rich_trader(exchange)
    one, other = bound(alice, seller, zenith), bound(bob, buyer, acme, zenith)
    trade(exchange, seller, buyer, times=3)
    for _ in range(2):
        catch_up([one.pk, other.pk])
    assert_mirrored(exchange, seller, one)
    assert_mirrored(exchange, buyer, other)
    reasons = Attribution.objects.values_list("institution", "fill__venue_account", "reason")
    assert set(reasons) == {
        (zenith.pk, one.pk, "own_code"),
        (zenith.pk, other.pk, "foreign_tag"),
        (acme.pk, other.pk, "own_code"),
    }


@pytest.mark.parametrize(
    "fault",
    [
        faults.THROTTLED, faults.DOWN, faults.MAINTENANCE, faults.HANG, faults.RESET, faults.CUT,
        faults.HTML, faults.WRONG_TYPES, faults.NULL,
    ],
    ids=["429", "503", "50001", "hang", "reset", "cut", "html", "wrong types", "null"],
)  # fmt: skip
def test_a_page_that_cannot_be_read_moves_no_cursor_and_the_next_reading_finds_all(
    fault: Fault,
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    account: VenueAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connect_portal.venue.okx.reader.TOTAL_TIMEOUT_S", 0.3)
    trade(exchange, maker, trader, times=2)
    before = cursor_of(account)
    proxy.spoil(FILLS, fault, times=2)  # a connection that was reset is tried once more
    catch_up([account.pk])
    after = cursor_of(account)
    assert (after.newest_bill_id, after.read_at) == (before.newest_bill_id, before.read_at)
    assert after.failures == 1
    assert after.trouble
    assert not Fill.objects.exists()
    assert Binding.objects.get().state == "bound"

    proxy.clear()
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)
    assert (cursor_of(account).failures, cursor_of(account).trouble) == (0, "")


@pytest.mark.parametrize("fault", [faults.DOUBLED, faults.REVERSED], ids=["doubled", "reversed"])
def test_rows_twice_or_in_another_order_end_in_the_same_mirror(
    fault: Fault,
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    account: VenueAccount,
) -> None:
    trade(exchange, maker, trader, times=5)
    proxy.spoil(FILLS, fault, times=2)
    catch_up([account.pk])
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)


@pytest.mark.parametrize(
    "fault",
    [
        faults.ONE_DROPPED,
        faults.EMPTY,
        faults.without("tag"),
        faults.without("fee"),
        faults.with_value("tradeId", 5),
        faults.with_value("fillPx", "NaN"),
    ],
    ids=["row left out", "empty page", "no tag", "no fee", "number for a text", "not a price"],
)
def test_a_row_that_a_page_left_out_or_muddled_is_found_by_the_second_look(
    fault: Fault,
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    account: VenueAccount,
) -> None:
    trade(exchange, maker, trader, times=3)
    proxy.spoil(FILLS, fault)
    catch_up([account.pk])
    trade(exchange, maker, trader)
    catch_up([account.pk])
    let_time_pass(account)
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)


def test_a_muddled_row_is_set_aside_once_and_never_guessed_while_the_others_enter(
    proxy: Proxy, exchange: Sandbox, maker: Trader, trader: Trader, account: VenueAccount
) -> None:
    trade(exchange, maker, trader, times=3)
    proxy.spoil(FILLS, faults.without("tag"), times=3)
    for _ in range(3):
        catch_up([account.pk])
    muddled = fills_at_venue(exchange, trader)[0]["billId"]
    assert Fill.objects.count() == 2
    assert not Fill.objects.filter(bill_id=muddled).exists()
    assert muddled in Quarantine.objects.get().raw
    assert cursor_of(account).failures == 0


def test_a_row_that_the_database_cannot_hold_is_set_aside_and_the_others_enter(
    proxy: Proxy, exchange: Sandbox, maker: Trader, trader: Trader, account: VenueAccount
) -> None:
    trade(exchange, maker, trader, times=3)
    for name, text in (("fillPx", "1" + "0" * 30), ("clOrdId", "a\x00b")):
        proxy.spoil(FILLS, faults.with_value(name, text))
        let_time_pass(account)
        catch_up([account.pk])
        assert Fill.objects.count() == 2
        assert cursor_of(account).failures == 0
    assert Quarantine.objects.count() == 2
    assert_rolled_up()
    let_time_pass(account)
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)


def test_several_pages_are_walked_back_to_the_last_known_fill(
    proxy: Proxy, exchange: Sandbox, maker: Trader, trader: Trader, account: VenueAccount
) -> None:
    trade(exchange, maker, trader, times=140)
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)
    trade(exchange, maker, trader, times=320)
    proxy.spoil(FILLS, faults.DOWN, only_later_pages=True)
    known = cursor_of(account).newest_bill_id
    catch_up([account.pk])
    assert cursor_of(account).newest_bill_id == known, "a broken walk moved the cursor"
    proxy.clear()
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)
    pages = [target for target in proxy.asked_by(trader.api_key) if target.startswith(FILLS)]
    assert len(pages) == 4, "320 new fills are three full pages and the one that joins on"


@pytest.mark.parametrize("later_page", [True, False], ids=["later page", "first page"])
@pytest.mark.parametrize(
    "fault", [faults.EMPTY, faults.ONE_DROPPED, faults.NO_KEYS], ids=["empty", "short", "no ids"]
)
def test_a_walk_that_ends_before_the_last_known_fill_is_made_again(
    fault: Fault,
    later_page: bool,
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    account: VenueAccount,
) -> None:
    trade(exchange, maker, trader)
    catch_up([account.pk])
    trade(exchange, maker, trader, times=220)
    proxy.spoil(FILLS, fault, only_later_pages=later_page)
    catch_up([account.pk])
    catch_up([account.pk])
    let_time_pass(account)
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)


def test_a_venue_that_sends_the_same_page_again_and_again_is_left_alone(
    proxy: Proxy, exchange: Sandbox, maker: Trader, trader: Trader, account: VenueAccount
) -> None:
    trade(exchange, maker, trader, times=120)
    first = signed(exchange, trader, "GET", f"{FILLS}?instType=SPOT").content
    rule = proxy.spoil(FILLS, Fault(200, first), times=50)
    catch_up([account.pk])
    assert rule.times == 48
    assert cursor_of(account).failures == 1
    proxy.clear()
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)


def states(account: VenueAccount) -> dict[str, tuple[str, str]]:
    rows = Order.objects.filter(venue_account=account)
    return {row.order_id: (row.state, format(row.filled_size.normalize(), "f")) for row in rows}


def test_orders_are_mirrored_open_partly_filled_filled_and_canceled(
    exchange: Sandbox, maker: Trader, trader: Trader, account: VenueAccount
) -> None:
    def place(size: str, price: str) -> str:
        return str(order(exchange, trader, "sell", size, price, tag="ACMEcode1")["ordId"])

    open_, partly, filled, canceled, later = (
        place("1", price) for price in ("49000", "40001", "40000", "48000", "47000")
    )
    order(exchange, maker, "buy", "1.25", "40001")
    cancel = {"instId": "BTC-USDT", "ordId": canceled}
    signed(exchange, trader, "POST", "/api/v5/trade/cancel-order", cancel)
    catch_up([account.pk])
    assert states(account) == {
        open_: ("live", "0"),
        partly: ("partially_filled", "0.25"),
        filled: ("filled", "1"),
        canceled: ("canceled", "0"),
        later: ("live", "0"),
    }

    signed(exchange, trader, "POST", "/api/v5/trade/cancel-order", cancel | {"ordId": later})
    order(exchange, maker, "buy", "0.75", "40001")
    catch_up([account.pk])
    assert states(account)[later] == ("canceled", "0")
    assert states(account)[partly] == ("filled", "1")
    assert_mirrored(exchange, trader, account)


def test_an_order_that_the_venue_has_forgotten_is_taken_for_canceled(
    proxy: Proxy, exchange: Sandbox, trader: Trader, account: VenueAccount
) -> None:
    placed = order(exchange, trader, "sell", "1", "49000")["ordId"]
    catch_up([account.pk])
    assert states(account) == {placed: ("live", "0")}
    unknown = Fault(200, b'{"code":"51603","data":[],"msg":"Order does not exist"}')
    proxy.spoil(ORDERS, faults.EMPTY)
    proxy.spoil("/api/v5/trade/order?", unknown)
    catch_up([account.pk])
    assert states(account) == {placed: ("canceled", "0")}


def test_open_orders_on_several_pages_are_all_mirrored(
    exchange: Sandbox, trader: Trader, account: VenueAccount
) -> None:
    asks = [
        {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "limit"}
        | {"sz": "0.001", "px": str(41000 + number)}
        for number in range(20)
    ]
    for _ in range(6):
        signed(exchange, trader, "POST", "/api/v5/trade/batch-orders", asks)
    catch_up([account.pk])
    assert Order.objects.filter(venue_account=account, state="live").count() == 120


@pytest.mark.parametrize("fault", [faults.KEY_GONE, faults.FORBIDDEN_ADDRESS])
def test_a_refused_key_degrades_its_binding_once_and_is_not_used_again(
    fault: Fault, proxy: Proxy, trader: Trader, account: VenueAccount
) -> None:
    proxy.clear()
    proxy.spoil("/api/v5/", fault, times=100)
    for _ in range(3):
        catch_up([account.pk])
    binding = Binding.objects.get()
    assert (binding.state, bool(binding.trouble)) == ("degraded", True)
    tags = [event.tag for event in events_about(f"binding:{binding.pk}")]
    assert tags == ["authorizations:binding:degraded"]
    assert len(proxy.asked_by(trader.api_key)) == 1


def test_what_was_traded_while_the_key_was_refused_counts_once_a_new_key_is_bound(
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    account: VenueAccount,
    alice: Person,
    acme: Institution,
) -> None:
    """A degraded binding still authorizes: its fills are owed, only the key is missing."""
    exchange.operate("DELETE", f"/accounts/{trader.uid}/keys/{trader.api_key}")
    catch_up([account.pk])
    assert Binding.objects.get().state == "degraded"
    body = {"label": "new", "passphrase": trader.passphrase, "perm": "read_only,trade"}
    made = exchange.operate("POST", f"/accounts/{trader.uid}/keys", body)
    renewed = Trader(trader.uid, made["apiKey"], made["secretKey"])
    trade(exchange, maker, renewed)

    authorizations.bind_key(
        owner_id=alice.pk,
        institution_id=acme.pk,
        credentials=credentials(renewed),
        actor=alice.actor,
    )
    catch_up([account.pk])
    assert_mirrored(exchange, renewed, account)
    assert Attribution.objects.get().attributed


def test_what_was_traded_while_nothing_was_bound_is_not_read(
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    account: VenueAccount,
    alice: Person,
    acme: Institution,
) -> None:
    authorizations.unbind(Binding.objects.get().pk, owner_id=alice.pk, actor=alice.actor)
    trade(exchange, maker, trader)
    authorizations.bind_key(
        owner_id=alice.pk,
        institution_id=acme.pk,
        credentials=credentials(trader),
        actor=alice.actor,
    )
    trade(exchange, maker, trader)
    catch_up([account.pk])
    newest = fills_at_venue(exchange, trader)[0]["billId"]
    assert [fill.bill_id for fill in Fill.objects.all()] == [newest]


def test_a_key_is_not_used_once_its_leave_has_ended(
    proxy: Proxy, account: VenueAccount, alice: Person
) -> None:
    (access,) = accesses([account.pk])
    binding_id = int(access.source.removeprefix("binding:"))
    authorizations.unbind(binding_id, owner_id=alice.pk, actor=alice.actor)
    proxy.clear()

    async def read_with_the_old_key() -> None:
        async with venue().reader() as reader:
            await look(reader, access)

    asyncio.run(read_with_the_old_key())
    assert proxy.asked == []


def test_no_database_connection_is_held_while_the_venue_is_waited_for(
    proxy: Proxy, account: VenueAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connect_portal.venue.okx.reader.TOTAL_TIMEOUT_S", 0.5)

    def held() -> int:
        stats = connection.pool.get_stats()
        return stats["pool_size"] - stats["pool_available"]

    connection.ensure_connection()
    before = held()
    hang = proxy.spoil(FILLS, faults.HANG)
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(catch_up, [account.pk])
        eventually(lambda: hang.times == 0)
        eventually(lambda: held() == before)
        assert not reading.done()
        reading.result()


def test_connections_that_the_database_cut_are_replaced(
    proxy: Proxy,
    exchange: Sandbox,
    maker: Trader,
    trader: Trader,
    account: VenueAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connect_portal.venue.okx.reader.TOTAL_TIMEOUT_S", 0.5)
    trade(exchange, maker, trader, times=2)
    hang = proxy.spoil(FILLS, faults.HANG)
    connection.close()
    connection.close_pool()  # a pool pauses for each idle connection that it finds dead
    with ThreadPoolExecutor(1) as other, connection.cursor() as cursor:
        reading = other.submit(catch_up, [account.pk])
        eventually(lambda: hang.times == 0)
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        reading.result()
    assert cursor_of(account).failures == 1
    catch_up([account.pk])
    assert_mirrored(exchange, trader, account)


def test_one_accounts_trouble_does_not_stop_anothers(
    proxy: Proxy, exchange: Sandbox, maker: Trader, alice: Person, bob: Person, acme: Institution
) -> None:
    troubled, refused, tampered, well = (rich_trader(exchange) for _ in range(4))
    owners = (alice, alice, bob, bob)
    accounts = [
        bound(owner, trader, acme)
        for owner, trader in zip(owners, (troubled, refused, tampered, well), strict=True)
    ]
    exchange.operate("DELETE", f"/accounts/{refused.uid}/keys/{refused.api_key}")
    Binding.objects.filter(venue_account=accounts[2]).update(sealed_credentials=b"not a seal")
    trade(exchange, maker, well)
    proxy.spoil(FILLS, faults.DOWN, times=100, only_key=troubled.api_key)
    catch_up([account.pk for account in accounts])
    assert_mirrored(exchange, well, accounts[3])
    assert cursor_of(accounts[3]).failures == 0
    assert cursor_of(accounts[0]).failures == 1


def test_five_readings_of_one_account_at_once_have_the_effect_of_one(
    exchange: Sandbox, maker: Trader, trader: Trader, account: VenueAccount
) -> None:
    trade(exchange, maker, trader, times=7)

    def read(_: int) -> None:
        try:
            catch_up([account.pk])
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as workers:
        list(workers.map(read, range(5)))
    assert_mirrored(exchange, trader, account)
    numbers = Attribution.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, 8))


def test_trouble_is_answered_with_growing_patience_and_never_less_than_was_asked(
    proxy: Proxy, account: VenueAccount
) -> None:
    def pause_after(seconds: str) -> timedelta:
        proxy.spoil(FILLS, Fault(429, faults.THROTTLED.body, {"Retry-After": seconds}))
        asked_at = now()
        catch_up([account.pk])
        return cursor_of(account).due_at - asked_at

    assert pause_after("600") >= timedelta(seconds=600)
    assert timedelta(hours=1) <= pause_after("9" * 40) < timedelta(hours=2)
    for _ in range(8):
        pause_after("0")
    assert cursor_of(account).failures == 10
    assert timedelta(minutes=3) < pause_after("0") < timedelta(minutes=7)
