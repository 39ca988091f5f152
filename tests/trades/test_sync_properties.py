"""Whatever is traded, read and read again in whatever order, the mirror ends as the venue is."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.authorizations.models import VenueAccount
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.trades.actions.reading import REREAD_EVERY
from connect_portal.trades.actions.sync import catch_up
from connect_portal.trades.models import Attribution, Cursor, Order
from tests.cast import person
from tests.faults import proxy as faults
from tests.faults.exchange import FILLS, assert_mirrored, bound, rich_trader
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed

pytestmark = pytest.mark.django_db(transaction=True)

TAGS = ("ACMEcode1", "ZENITH2", "", "6b9ad766b55dBCDE")
FAULTS = (
    faults.DOWN, faults.CUT, faults.WRONG_TYPES, faults.DOUBLED, faults.REVERSED, faults.EMPTY,
    faults.ONE_DROPPED, faults.without("tag"),
)  # fmt: skip

who = st.integers(0, 1)
orders = st.tuples(
    st.just("place"), who, st.sampled_from("bs"), st.integers(0, 4), st.sampled_from(TAGS)
)
steps = st.lists(
    st.one_of(
        orders,
        st.tuples(st.just("cancel"), who),
        st.tuples(st.just("read"), who),
        st.tuples(st.just("replay"), who),
        st.tuples(st.just("fault"), st.sampled_from(FAULTS)),
    ),
    min_size=4,
    max_size=24,
)  # fmt: skip


class Market:
    """Two traders who meet on one book, and their accounts here."""

    def __init__(self, exchange: Sandbox, proxy: Proxy, institutions: list[Institution]) -> None:
        self.exchange, self.proxy = exchange, proxy
        self.traders = [rich_trader(exchange), rich_trader(exchange)]
        owner: Person = person(f"Trader-{uuid4()}")
        self.accounts: list[VenueAccount] = [
            bound(owner, trader, *institutions) for trader in self.traders
        ]

    def place(self, who: int, side: str, level: int, tag: str) -> None:
        side = "buy" if side == "b" else "sell"
        order(self.exchange, self.traders[who], side, "0.01", str(40000 + level), tag=tag)

    def cancel(self, who: int) -> None:
        for row in self.open_orders(self.traders[who])[:1]:
            body = {"instId": row["instId"], "ordId": row["ordId"]}
            signed(self.exchange, self.traders[who], "POST", "/api/v5/trade/cancel-order", body)

    def read(self, who: int) -> None:
        catch_up([self.accounts[who].pk])

    def replay(self, who: int) -> None:
        """A cursor that was lost: everything is read anew."""
        row = Cursor.objects.filter(pk=self.accounts[who].pk)
        row.update(newest_bill_id="", newest_order_id="")
        self.read(who)

    def fault(self, fault: faults.Fault) -> None:
        self.proxy.spoil(FILLS, fault)

    def settle(self) -> None:
        """The faults end, and a second look is due."""
        self.proxy.clear()
        ids = [account.pk for account in self.accounts]
        catch_up(ids)
        for cursor in Cursor.objects.filter(pk__in=ids, read_at__isnull=False):
            assert cursor.read_at is not None
            cursor.read_at -= REREAD_EVERY
            cursor.save()
        catch_up(ids)

    def open_orders(self, trader: Trader) -> list[dict[str, str]]:
        target = "/api/v5/trade/orders-pending?instType=SPOT"
        rows: list[dict[str, str]] = signed(self.exchange, trader, "GET", target).json()["data"]
        return rows


@given(script=steps)
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_mirror_ends_as_the_venue_is(
    script: list[tuple[object, ...]],
    exchange: Sandbox,
    proxy: Proxy,
    acme: Institution,
    zenith: Institution,
) -> None:
    market = Market(exchange, proxy, [acme, zenith])
    for verb, *arguments in script:
        getattr(market, str(verb))(*arguments)
    market.settle()
    for trader, account in zip(market.traders, market.accounts, strict=True):
        assert_mirrored(exchange, trader, account)
        here = Order.objects.filter(venue_account=account, state__in=["live", "partially_filled"])
        there = market.open_orders(trader)
        assert set(here.values_list("order_id", flat=True)) == {row["ordId"] for row in there}
        for _ in there:  # the next example begins with an empty book
            market.cancel(market.traders.index(trader))
    for institution in (acme, zenith):
        news = Attribution.objects.filter(institution=institution).order_by("sequence")
        numbers = list(news.values_list("sequence", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
