"""The v5 wire itself: signatures, envelopes, codes, bad input. Nothing here may answer 500."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from connect_portal.sandbox.wire.auth import sign
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import order, signed

Make = Callable[..., Trader]
BALANCE = "/api/v5/account/balance"
ORDER = "/api/v5/trade/order"
GOOD = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "px": "50000",
    "sz": "0.01",
}
NOON = "2020-12-08T09:08:57.715Z"
VECTORS = [
    (f"{NOON}GET/api/v5/account/balance", "tpQYvXdaAfU8ae6zI1rJ2xVcyMIk9BKWK/fysaanweQ="),
    (f"{NOON}GET/api/v5/account/balance?ccy=BTC", "pS6nHuBl6Qc9S0h+soCkCVHaVHZzS19KqFpeI/doTlE="),
    (
        f'{NOON}POST/api/v5/trade/order{{"instId":"BTC-USDT","tdMode":"cash","side":"buy",'
        '"ordType":"limit","px":"100","sz":"0.01"}',
        "fLwztVhlLAYjKqD/sH4gkZHJ8WXEmbWzXnTJjmS2VX0=",
    ),
    ("1538054050GET/users/self/verify", "Dmtp4TyTAO5yzuAvNFiwYvL5V3PEzvf8T2Y3IQaXs+8="),
]


@pytest.mark.parametrize(("prehash", "expected"), VECTORS)
def test_published_signatures_are_reproduced(prehash: str, expected: str) -> None:
    assert sign("mock-secret", prehash.encode()) == expected


@pytest.mark.parametrize(
    ("headers", "status", "code", "text"),
    [
        ({"OK_ACCESS_KEY": ""}, 401, "50103", "Request header OK-ACCESS-KEY cannot be empty"),
        ({"OK_ACCESS_SIGN": "AAAA"}, 401, "50113", "Invalid Sign"),
        ({"OK_ACCESS_KEY": "unknown"}, 401, "50111", "Invalid OK-ACCESS-KEY"),
        ({"timestamp": NOON}, 401, "50102", "Timestamp request expired"),
        ({"timestamp": "yesterday"}, 401, "50112", "Invalid OK-ACCESS-TIMESTAMP"),
        (
            {"OK_ACCESS_PASSPHRASE": "wrong"},
            401,
            "50105",
            "Request header OK-ACCESS-PASSPHRASE incorrect",
        ),
    ],
)
def test_strangers_are_refused_without_data(
    sandbox: Sandbox, make_trader: Make, headers: Any, status: int, code: str, text: str
) -> None:
    answer = signed(sandbox, make_trader("Alice"), "GET", BALANCE, **headers)
    assert (answer.status_code, answer.text) == (status, f'{{"msg":"{text}","code":"{code}"}}')


def test_signature_covers_the_query_exactly_as_sent(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", BTC="1", USDT="5")
    for query in ("?ccy=BTC,USDT", "?ccy=BTC%2CUSDT", "?ccy=BTC,USDT&unknown=1", "?unknown="):
        answer = signed(sandbox, alice, "GET", BALANCE + query).json()
        assert [row["ccy"] for row in answer["data"][0]["details"]] == ["BTC", "USDT"]


def test_account_without_money_still_has_one_balance_object(
    sandbox: Sandbox, make_trader: Make
) -> None:
    answer = signed(sandbox, make_trader("Alice"), "GET", BALANCE).json()
    assert (answer["code"], answer["msg"], len(answer["data"])) == ("0", "", 1)
    assert (answer["data"][0]["details"], answer["data"][0]["totalEq"]) == ([], "0")


def test_unknown_path_answers_404_with_a_number_as_code(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.base_url}/api/v5/no/such", timeout=10)
    assert answer.status_code == 404
    assert (answer.json()["code"], answer.json()["data"]) == (404, {})


def test_wrong_method_answers_405(sandbox: Sandbox) -> None:
    answer = requests.delete(sandbox.base_url + ORDER, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (405, "50115")


@pytest.mark.parametrize("kind", ["MARGIN", "SWAP", "FUTURES", "OPTION"])
def test_other_instrument_types_are_empty_lists(sandbox: Sandbox, kind: str) -> None:
    answer = sandbox.public(f"public/instruments?instType={kind}&uly=BTC-USD")
    assert answer == {"code": "0", "msg": "", "data": []}


def test_retired_dollar_book_answers_51001(sandbox: Sandbox) -> None:
    assert sandbox.public("market/ticker?instId=BTC-USD")["code"] == "51001"


def test_key_that_may_only_read_cannot_trade(sandbox: Sandbox, make_trader: Make) -> None:
    reader = make_trader("Alice", perm="read_only", USDT="1000")
    answer = signed(sandbox, reader, "POST", ORDER, GOOD)
    assert (answer.status_code, answer.json()["code"]) == (200, "50120")
    assert signed(sandbox, reader, "GET", BALANCE).json()["code"] == "0"


def test_key_bound_to_another_address_is_refused_by_name(
    sandbox: Sandbox, make_trader: Make
) -> None:
    bound = make_trader("Alice", ip="203.0.113.7")
    answer = signed(sandbox, bound, "GET", BALANCE)
    assert (answer.status_code, answer.json()["code"]) == (401, "50110")
    assert "127.0.0.1" in answer.json()["msg"]
    at_home = make_trader("Alice", ip="127.0.0.0/8")
    assert signed(sandbox, at_home, "GET", BALANCE).json()["code"] == "0"


def test_one_order_tells_its_whole_story(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", BTC="1")
    bob = make_trader("Bob", USDT="100000")
    resting = order(sandbox, alice, "sell", "0.02", "60000", tag="ACMEcode1", clOrdId="a1")
    order(sandbox, bob, "buy", "0.01", "60000", tag="ZENITH2")
    target = f"{ORDER}?instId=BTC-USDT&ordId={resting['ordId']}"
    (seen,) = signed(sandbox, alice, "GET", target).json()["data"]
    shown = {
        name: seen[name]
        for name in ("state", "accFillSz", "avgPx", "fee", "feeCcy", "tag", "clOrdId", "px", "sz")
    }
    assert shown == {
        "state": "partially_filled",
        "accFillSz": "0.01",
        "avgPx": "60000",
        "fee": "-1.2",
        "feeCcy": "USDT",
        "tag": "ACMEcode1",
        "clOrdId": "a1",
        "px": "60000",
        "sz": "0.02",
    }
    (fill,) = signed(sandbox, bob, "GET", "/api/v5/trade/fills").json()["data"]
    assert (fill["fee"], fill["feeCcy"], fill["tag"]) == ("-0.000035", "BTC", "ZENITH2")
    signed(sandbox, alice, "POST", "/api/v5/trade/cancel-order", {**GOOD, "clOrdId": "a1"})


def test_fills_are_paged_by_bill_id_without_gap_or_repeat(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, bob = make_trader("Alice", BTC="1"), make_trader("Bob", USDT="100000")
    for _ in range(7):
        order(sandbox, alice, "sell", "0.001", "60000")
        order(sandbox, bob, "buy", "0.001", "60000")
    fills = "/api/v5/trade/fills-history?instType=SPOT&limit="
    every = [r["billId"] for r in signed(sandbox, bob, "GET", f"{fills}100").json()["data"]]
    assert every == sorted(every, key=int, reverse=True)
    assert len(set(every)) == 7
    paged: list[str] = []
    while True:
        after = f"&after={paged[-1]}" if paged else ""
        rows = signed(sandbox, bob, "GET", f"{fills}3{after}").json()["data"]
        if not rows:
            break
        paged += [row["billId"] for row in rows]
    assert paged == every
    newer = signed(sandbox, bob, "GET", f"{fills}100&before={every[2]}").json()["data"]
    assert [row["billId"] for row in newer] == every[:2]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"px": "NaN"}, "51000"),
        ({"px": "1e5"}, "51000"),
        ({"px": "-1"}, "51000"),
        ({"px": "٥٠٠٠٠"}, "51000"),
        ({"sz": "9" * 400}, "51000"),
        ({"sz": "99999999999999999999"}, "51005"),
        ({"sz": 10**30}, "51000"),
        ({"sz": ["0.01"]}, "51000"),
        ({"sz": "0"}, "51000"),
        ({"tag": "ＡＢＣＤ"}, "51000"),
        ({"tag": "A" * 17}, "51000"),
        ({"clOrdId": "a\u0000b"}, "51000"),
        ({"clOrdId": "a-b"}, "51000"),
        ({"side": "hold"}, "51000"),
        ({"instId": ""}, "50014"),
        ({"px": None}, "51204"),
        ({"instId": "BTC-USD"}, "51001"),
        ({"attachAlgoOrds": [{"slTriggerPx": "1"}]}, "50014"),
        ({"attachAlgoOrds": {"slTriggerPx": "1"}}, "51000"),
    ],
)
def test_bad_order_parameters_get_a_code(
    sandbox: Sandbox, make_trader: Make, change: dict[str, Any], code: str
) -> None:
    alice = make_trader("Alice", USDT="1000")
    single = signed(sandbox, alice, "POST", ORDER, GOOD | change)
    assert single.status_code in (200, 400)
    answer = single.json()
    assert (answer["data"][0]["sCode"] if answer["data"] else answer["code"]) == code
    batch = signed(sandbox, alice, "POST", "/api/v5/trade/batch-orders", [GOOD | change])
    assert batch.json()["data"][0]["sCode"] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "50000"),
        (b"{", "50002"),
        (b'{"px": NaN}', "50002"),
        (b"[" * 200_000, "50002"),
        (b'{"instId": "\xff\xfe"}', "50002"),
        (b"\x00", "50002"),
        (b"[1, 2]", "50002"),
        (b"null", "50002"),
    ],
)
def test_bodies_that_are_no_request_get_a_code(
    sandbox: Sandbox, make_trader: Make, body: bytes, code: str
) -> None:
    answer = signed(sandbox, make_trader("Alice"), "POST", ORDER, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("instType=SPOT&after=abc", "51000"),
        ("instType=SPOT&after=-1", "51000"),
        ("instType=SPOT&limit=0", "51000"),
        ("instType=SPOT&after=" + "9" * 60, "51000"),
        ("instType=%FF%00", "51000"),
        ("limit=5", "50014"),
    ],
)
def test_bad_query_parameters_get_a_code(
    sandbox: Sandbox, make_trader: Make, query: str, code: str
) -> None:
    target = f"/api/v5/trade/fills-history?{query}"
    answer = signed(sandbox, make_trader("Alice"), "GET", target)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_empty_and_unknown_parameters_are_ignored(sandbox: Sandbox, make_trader: Make) -> None:
    alice = make_trader("Alice", USDT="1000")
    more = {"ccy": "", "reduceOnly": None, "attachAlgoOrds": None, "zzz": {"a": 1}, "banAmend": ""}
    answer = signed(sandbox, alice, "POST", ORDER, {**GOOD, **more}).json()
    assert answer["data"][0]["sMsg"] == "Order placed"
    assert {"inTime", "outTime", "code", "msg", "data"} == answer.keys()


def test_client_order_id_is_free_again_once_the_order_has_ended(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice = make_trader("Alice", USDT="2000")
    assert order(sandbox, alice, "buy", "0.01", "50000", clOrdId="x1")["sCode"] == "0"
    assert order(sandbox, alice, "buy", "0.01", "50000", clOrdId="x1")["sCode"] == "51016"
    signed(sandbox, alice, "POST", "/api/v5/trade/cancel-order", {**GOOD, "clOrdId": "x1"})
    assert order(sandbox, alice, "buy", "0.01", "50000", clOrdId="x1")["sCode"] == "0"


def test_nobody_sees_or_cancels_the_orders_of_another(sandbox: Sandbox, make_trader: Make) -> None:
    alice, mallory = make_trader("Alice", USDT="1000"), make_trader("Mallory", USDT="1000")
    hers = order(sandbox, alice, "buy", "0.01", "50000")["ordId"]
    target = f"{ORDER}?instId=BTC-USDT&ordId={hers}"
    assert signed(sandbox, alice, "GET", target).json()["data"][0]["ordId"] == hers
    assert signed(sandbox, mallory, "GET", target).json()["code"] == "51603"
    cancel = {"instId": "BTC-USDT", "ordId": hers}
    answer = signed(sandbox, mallory, "POST", "/api/v5/trade/cancel-order", cancel).json()
    assert (answer["code"], answer["data"][0]["sCode"]) == ("1", "51400")
