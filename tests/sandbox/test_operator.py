"""The operator door: accounts, test money, keys, the request log; for local key holders only."""

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import OPERATOR_KEY, Sandbox
from tests.sandbox.signing import order, signed


def call(
    sandbox: Sandbox, method: str, path: str, body: Any = None, key: str = OPERATOR_KEY
) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{sandbox.base_url}/sandbox/v1{path}"
    return requests.request(method, url, json=body, headers=headers, timeout=10)


def test_same_reference_finds_the_same_account(sandbox: Sandbox) -> None:
    body = {"reference": "portal:alice", "label": "Alice"}
    first = sandbox.operate("POST", "/accounts", body)
    assert first == sandbox.operate("POST", "/accounts", body)
    assert first["label"] == "Alice"
    other = sandbox.operate("POST", "/accounts", {"reference": "portal:bob", "label": "Bob"})
    assert other["uid"] != first["uid"]


def test_faucet_gives_once_per_reference(sandbox: Sandbox) -> None:
    uid = sandbox.operate("POST", "/accounts", {"reference": "thirsty", "label": ""})["uid"]
    body = {"reference": "r1", "ccy": "BTC", "amt": "1.5"}
    path = f"/accounts/{uid}/faucet"
    assert sandbox.operate("POST", path, body) == {"ccy": "BTC", "bal": "1.5"}
    assert sandbox.operate("POST", path, body) == {"ccy": "BTC", "bal": "1.5"}
    again = sandbox.operate("POST", path, body | {"reference": "r2"})
    assert again == {"ccy": "BTC", "bal": "3"}


def test_key_shows_its_secret_once_works_and_ends(sandbox: Sandbox) -> None:
    alice = sandbox.trader("keyed", USDT="10")
    account = sandbox.operate("GET", f"/accounts/{alice.uid}")
    assert account["balances"] == [
        {"ccy": "USDT", "bal": "10", "availBal": "10", "frozenBal": "0"},
    ]
    shown = {"apiKey": alice.api_key, "perm": "read_only,trade", "ip": "", "label": "test"}
    assert account["keys"] == [shown]
    target = "/api/v5/account/balance"
    assert signed(sandbox, alice, "GET", target).json()["code"] == "0"
    for _ in range(2):
        ended = sandbox.operate("DELETE", f"/accounts/{alice.uid}/keys/{alice.api_key}")
        assert ended == {"result": True}
    assert signed(sandbox, alice, "GET", target).json()["code"] == "50111"


def test_withdraw_permission_is_shown_to_whoever_asks_what_a_key_may_do(sandbox: Sandbox) -> None:
    rich = sandbox.trader("withdrawer", perm="withdraw,trade")
    config = signed(sandbox, rich, "GET", "/api/v5/account/config").json()["data"][0]
    assert (config["perm"], config["uid"]) == ("read_only,trade,withdraw", rich.uid)


def test_request_log_shows_what_a_client_sent_and_whether_it_was_signed(sandbox: Sandbox) -> None:
    alice = sandbox.trader("logged", USDT="1000")
    order(sandbox, alice, "buy", "0.01", "50000", clOrdId="mine", tag="ABCD")
    signed(sandbox, alice, "GET", "/api/v5/account/balance", OK_ACCESS_SIGN="AAAA")
    newest, older = sandbox.operate("GET", f"/accounts/{alice.uid}/requests")["requests"]
    assert (newest["path"], newest["code"], newest["signatureHeld"]) == (
        "/api/v5/account/balance",
        "50113",
        False,
    )
    assert {
        name: older[name] for name in ("method", "clOrdId", "tag", "code", "signatureHeld")
    } == {
        "method": "POST",
        "clOrdId": "mine",
        "tag": "ABCD",
        "code": "0",
        "signatureHeld": True,
    }
    assert older["key"] == alice.api_key


def test_clock_is_the_wall_clock_until_it_is_moved(sandbox: Sandbox) -> None:
    clock = sandbox.operate("GET", "/clock")
    assert clock["offset_ms"] == 0
    server = int(sandbox.public("public/time")["data"][0]["ts"])
    assert 0 <= server - clock["ts"] < 10_000


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/accounts/0", None, 404, "no_such_account"),
        ("GET", "/accounts/house", None, 404, "no_such_account"),
        ("POST", "/accounts", {}, 400, "bad_parameter"),
        ("POST", "/accounts", {"reference": "a\u0000b"}, 400, "bad_parameter"),
        ("POST", "/accounts", ["reference"], 400, "bad_json"),
    ],
)
def test_mistakes_are_answered_with_a_word_and_a_sentence(
    sandbox: Sandbox, method: str, path: str, body: Any, status: int, error: str
) -> None:
    answer = call(sandbox, method, path, body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["detail"].endswith((".", "characters."))


@pytest.mark.parametrize(
    ("what", "body", "error"),
    [
        ("faucet", {"reference": "x", "ccy": "GOLD", "amt": "1"}, "51012"),
        ("faucet", {"reference": "x", "ccy": "BTC", "amt": "-1"}, "51000"),
        ("keys", {"passphrase": "p", "perm": "read_only,fly"}, "bad_parameter"),
        ("keys", {"passphrase": "p", "ip": "not-an-address"}, "bad_parameter"),
    ],
)
def test_bad_money_and_bad_keys_are_refused(
    sandbox: Sandbox, what: str, body: Any, error: str
) -> None:
    uid = sandbox.operate("POST", "/accounts", {"reference": "strict", "label": "s"})["uid"]
    answer = call(sandbox, "POST", f"/accounts/{uid}/{what}", body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("key", ["", "wrong", "é"])
def test_door_stays_shut_without_the_operator_key(sandbox: Sandbox, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}".encode()}
    answer = requests.get(f"{sandbox.base_url}/sandbox/v1/clock", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (401, "wrong_key")


def test_request_log_tells_of_every_order_of_a_batch_what_was_wanted_and_answered(
    sandbox: Sandbox,
) -> None:
    bob = sandbox.trader("batching", USDT="1000")
    start = sandbox.operate("GET", f"/accounts/{bob.uid}/requests")["requests"]
    assert start == []
    one = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "9000"}
    batch = [one | {"sz": "0.01", "clOrdId": "b1", "tag": "ABCD"}, one | {"sz": "0.0000001"}]
    signed(sandbox, bob, "POST", "/api/v5/trade/batch-orders", batch)
    (noted,) = sandbox.operate("GET", f"/accounts/{bob.uid}/requests")["requests"]
    first, second = noted["items"]
    assert first.pop("order_id").isdecimal()
    intent = "BTC-USDT buy limit 0.01 9000"
    assert first == {"client_id": "b1", "tag": "ABCD", "echo": "ABCD", "code": "0"} | {
        "intent": intent
    }
    assert (second["tag"], second["code"]) == ("", "51020")
    after = sandbox.operate("GET", f"/accounts/{bob.uid}/requests?after={noted['id']}")
    assert after["requests"] == []


def test_request_log_goes_on_for_a_key_that_was_deleted_or_used_in_the_other_environment(
    sandbox: Sandbox,
) -> None:
    demo = sandbox.trader("gone", demo=True)
    target = "/api/v5/account/balance"
    signed(sandbox, demo, "GET", target, x_simulated_trading="1")
    signed(sandbox, demo, "GET", target)
    sandbox.operate("DELETE", f"/accounts/{demo.uid}/keys/{demo.api_key}", demo=True)
    signed(sandbox, demo, "GET", target, x_simulated_trading="1")
    noted = sandbox.operate("GET", f"/accounts/{demo.uid}/requests", demo=True)["requests"]
    assert [(one["code"], one["signatureHeld"]) for one in noted] == [
        ("50111", False),
        ("50101", False),
        ("0", True),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{not json", "50002"), (b'"text"', "50002"), (b"[[1], 2]", "50002"), (b"\xff\xfe", "50002")],
)
def test_request_log_keeps_a_body_that_holds_no_order_without_orders(
    sandbox: Sandbox, body: bytes, code: str
) -> None:
    alice = sandbox.trader(f"bodies {body!r}")
    signed(sandbox, alice, "POST", "/api/v5/trade/order", body)
    (noted,) = sandbox.operate("GET", f"/accounts/{alice.uid}/requests")["requests"]
    assert (noted["code"], noted["items"], noted["clOrdId"]) == (code, [], "")


def test_request_log_tells_a_refused_order_by_its_ids_and_forgets_the_text_of_a_very_long_one(
    sandbox: Sandbox,
) -> None:
    alice = sandbox.trader("refused and long")
    one = {"instId": "BTC-USDT", "side": "buy", "clOrdId": "x" * 100, "sz": "1"}
    signed(sandbox, alice, "POST", "/api/v5/trade/order", one, OK_ACCESS_PASSPHRASE="wrong")
    signed(sandbox, alice, "POST", "/api/v5/trade/order", one | {"px": "9" * 40_000})
    long, refused = sandbox.operate("GET", f"/accounts/{alice.uid}/requests")["requests"]
    (item,) = refused["items"]
    assert (refused["code"], refused["signatureHeld"]) == ("50105", False)
    assert (item["client_id"], item["intent"]) == ("x" * 64, "BTC-USDT buy 1")
    assert (long["code"] != "0", long["items"], long["clOrdId"]) == (True, [], "")
