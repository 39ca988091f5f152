"""ccxt turns the venue's refusals into exceptions: each must be the right one."""

import itertools
from collections.abc import Callable

import ccxt
import pytest

from tests.sandbox.clients.addresses import ccxt_options
from tests.sandbox.conftest import Sandbox

PAIR = "BTC/USDT"
Act = Callable[[ccxt.okx], object]


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> ccxt.okx:
    """Alice, who has some money, with nobody to trade with."""
    return ccxt.okx(ccxt_options(sandbox, sandbox.trader("Alice with ccxt", USDT="1000")))


def order(client: ccxt.okx, amount: float = 0.01, px: float = 50_000, **params: object) -> object:
    return client.create_order(PAIR, "limit", "buy", amount, px, params)


def ask_twice_in_five_seconds(client: ccxt.okx) -> object:
    return [client.fetch_status() for _ in range(2)]


REFUSALS: list[tuple[str, Act, type[Exception]]] = [
    ("too little money", lambda c: order(c, amount=100), ccxt.InsufficientFunds),
    ("below the minimum", lambda c: order(c, amount=0.00000001), ccxt.InvalidOrder),
    ("own id in use", lambda c: [order(c, clientOrderId="a1") for _ in "12"], ccxt.InvalidOrder),
    ("unknown side", lambda c: order(c, side="up"), ccxt.BadRequest),
    ("unknown pair", lambda c: c.public_get_market_ticker({"instId": "NO-ONE"}), ccxt.BadSymbol),
    ("unknown order", lambda c: c.fetch_order("1", PAIR), ccxt.OrderNotFound),
    ("nothing to cancel", lambda c: c.cancel_order("1", PAIR), ccxt.OrderNotFound),
    ("nothing to amend", lambda c: c.edit_order("1", PAIR, "limit", "buy", 1), ccxt.OrderNotFound),
    ("too often", ask_twice_in_five_seconds, ccxt.RateLimitExceeded),
]


@pytest.mark.parametrize(
    ("act", "expected"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS]
)
def test_refusal_becomes_its_exception(
    client: ccxt.okx, act: Act, expected: type[Exception]
) -> None:
    with pytest.raises(expected) as raised:
        act(client)
    assert raised.type is expected


@pytest.mark.parametrize(
    ("credential", "wrong"),
    [
        ("apiKey", "00000000-0000-4000-8000-000000000000"),
        ("secret", "0" * 32),
        ("password", "No-1"),
    ],
)
def test_wrong_credential_is_an_authentication_error(
    sandbox: Sandbox, credential: str, wrong: str
) -> None:
    trader = sandbox.trader("Mallory", USDT="1")
    client = ccxt.okx(ccxt_options(sandbox, trader) | {credential: wrong})
    with pytest.raises(ccxt.AuthenticationError):
        client.fetch_balance()


def test_an_address_that_is_not_bound_to_the_key_is_denied(sandbox: Sandbox) -> None:
    elsewhere = sandbox.trader("far away", ip="203.0.113.7", USDT="1")
    with pytest.raises(ccxt.PermissionDenied):
        ccxt.okx(ccxt_options(sandbox, elsewhere)).fetch_balance()


def test_a_key_that_may_only_read_places_no_order(sandbox: Sandbox) -> None:
    reader = sandbox.trader("Ben", perm="read_only", USDT="1000")
    with pytest.raises(ccxt.ExchangeError, match="50120"):
        order(ccxt.okx(ccxt_options(sandbox, reader)))


def test_a_slow_clock_is_told_so(client: ccxt.okx) -> None:
    client.options["timeDifference"] = 60_000
    try:
        with pytest.raises(ccxt.InvalidNonce):
            client.fetch_balance()
    finally:
        client.options["timeDifference"] = 0


def test_too_many_orders_at_once_are_limited(sandbox: Sandbox) -> None:
    hasty = ccxt.okx(ccxt_options(sandbox, sandbox.trader("hasty", USDT="1000")))
    with pytest.raises(ccxt.RateLimitExceeded):
        list(itertools.starmap(order, [(hasty, 0.0001, 1000)] * 80))


# --- demo ---------------------------------------------------------------------------------------
def test_sandbox_mode_of_the_library_trades_in_the_demo_environment(sandbox: Sandbox) -> None:
    trader = sandbox.trader("Bob in demo", demo=True, USDT="1000")
    client = ccxt.okx(ccxt_options(sandbox, trader))
    client.set_sandbox_mode(True)
    placed = client.create_order(PAIR, "limit", "buy", 0.01, 50_000, {"tag": "ABCD"})
    assert client.fetch_order(placed["id"], PAIR)["info"]["tag"] == "ABCD"
    client.set_sandbox_mode(False)
    with pytest.raises(ccxt.AuthenticationError, match="50101"):
        client.fetch_balance()


def test_live_key_in_sandbox_mode_is_an_authentication_error(sandbox: Sandbox) -> None:
    client = ccxt.okx(ccxt_options(sandbox, sandbox.trader("Bob live", USDT="1")))
    client.set_sandbox_mode(True)
    with pytest.raises(ccxt.AuthenticationError, match="50101"):
        client.fetch_balance()
