"""The order that the rules of OKX Connect print, https://app.okx.com/help (Introduction of rules on
OKX Connect): its two missing commas mended, every door takes it; as printed, it is no JSON."""

import json

import pytest

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import signed
from tests.sandbox.sockets import private

PRINTED = (
    '{ "instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", '
    '"px": "1000", "sz": "0.01" "clOrdId": "ABCDabcdef123" "tag": "ABCD" }'
)
MENDED = PRINTED.replace('"0.01" ', '"0.01", ').replace('"ABCDabcdef123" ', '"ABCDabcdef123", ')
ORDER = "/api/v5/trade/order"


@pytest.fixture
def alice(sandbox: Sandbox, request: pytest.FixtureRequest) -> Trader:
    return sandbox.trader(f"Alice of {request.node.name}", USDT="1000")


def assert_it_rests_with_its_code(sandbox: Sandbox, alice: Trader) -> None:
    target = f"{ORDER}?instId=BTC-USDT&clOrdId=ABCDabcdef123"
    (row,) = signed(sandbox, alice, "GET", target).json()["data"]
    assert (row["state"], row["tag"], row["px"], row["sz"]) == ("live", "ABCD", "1000", "0.01")


def test_example_order_is_taken_over_rest(sandbox: Sandbox, alice: Trader) -> None:
    answer = signed(sandbox, alice, "POST", ORDER, MENDED.encode()).json()
    assert (answer["code"], answer["data"][0]["tag"]) == ("0", "ABCD")
    assert_it_rests_with_its_code(sandbox, alice)


def test_example_order_is_taken_in_a_batch(sandbox: Sandbox, alice: Trader) -> None:
    batch = f"[{MENDED}]".encode()
    answer = signed(sandbox, alice, "POST", "/api/v5/trade/batch-orders", batch).json()
    assert (answer["code"], answer["data"][0]["sCode"]) == ("0", "0")
    assert_it_rests_with_its_code(sandbox, alice)


def test_example_order_is_taken_over_a_socket(sandbox: Sandbox, alice: Trader) -> None:
    with private(sandbox, alice) as socket:
        answer = socket.ask({"id": "1", "op": "order", "args": [json.loads(MENDED)]})
    assert (answer["code"], answer["data"][0]["tag"]) == ("0", "ABCD")
    assert_it_rests_with_its_code(sandbox, alice)


def test_example_order_as_printed_is_an_invalid_request_over_a_socket(
    sandbox: Sandbox, alice: Trader
) -> None:
    with private(sandbox, alice) as socket:
        socket.raw.send(f'{{"id":"1","op":"order","args":[{PRINTED}]}}')
        assert socket.next()["code"] == "60012"


@pytest.mark.parametrize("path", [ORDER, "/api/v5/trade/batch-orders"])
def test_example_order_as_printed_is_a_syntax_error(
    sandbox: Sandbox, alice: Trader, path: str
) -> None:
    answer = signed(sandbox, alice, "POST", path, PRINTED.encode())
    assert (answer.status_code, answer.json()["code"]) == (400, "50002")
