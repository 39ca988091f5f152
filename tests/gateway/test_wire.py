"""What the gateway says to requests that are not right, and what it never looks at."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from connect_portal.gateway.models import Decision
from tests.faults.proxy import Proxy
from tests.gateway.caller import BATCH, ORDER, PAIR, Caller, limit_buy
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

BALANCE = "/api/v5/account/balance"
NOT_FOUND = {
    "code": 404,
    "data": {},
    "detailMsg": "",
    "error_code": "404",
    "error_message": "Not Found",
    "msg": "Not Found",
}


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic YWJjOmRlZg==", "cxat_bare", "Bearer a b", "Bearer é"],
)
def test_without_a_bearer_token_nothing_is_said_but_how_to_call(
    acme_caller: Caller, authorization: str
) -> None:
    answer = acme_caller.get(BALANCE, Authorization=authorization.encode())  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json().keys() == {"msg", "code"}
    assert answer.text.startswith('{"msg":"Send an access token')
    assert answer.json()["code"] == "50114"


def test_a_signed_request_is_sent_to_the_venue(acme_caller: Caller) -> None:
    answer = acme_caller.get(BALANCE, OK_ACCESS_KEY="a-key", OK_ACCESS_SIGN="x")
    assert (answer.status_code, answer.json()["code"]) == (401, "50101")
    assert "straight to the venue" in answer.json()["msg"]


def test_public_data_needs_no_token_and_minds_no_stale_signature(
    acme_caller: Caller, exchange: Sandbox
) -> None:
    for target in (
        "public/time",
        f"market/ticker?instId={PAIR}",
        "public/instruments?instType=SPOT",
    ):
        for headers in ({"Authorization": ""}, {"OK_ACCESS_KEY": "stale"}, {}):
            answer = acme_caller.get(f"/api/v5/{target}", **headers)
            assert answer.json().keys() == exchange.public(target).keys(), target
            assert answer.json()["code"] == "0"


@pytest.mark.parametrize(
    "target",
    [
        "/api/v5/",
        "/api/v5/asset/withdrawal",
        "/api/v5/asset/transfer",
        "/api/v5/trade/close-position",
        "/api/v5/trade/order/",
        "/api/v5//trade/order",
        "/api/v5/trade/orde%72",
        "/api/v5/TRADE/ORDER",
        "/api/v5/public/../account/balance",
        "/api/v5/public/%2e%2e/account/balance",
        "/api/v5/public/x/y",
        "/api/v5/users/subaccount/list",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_on_the_list_does_not_exist(
    acme_caller: Caller, method: str, target: str
) -> None:
    status, body = raw_request(acme_caller, method, target)
    assert (status, body) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", ORDER),
        ("DELETE", ORDER),
        ("GET", BATCH),
        ("POST", BALANCE),
        ("POST", "/api/v5/public/time"),
        ("PATCH", "/api/v5/trade/order-algo"),
    ],
)
def test_another_method_is_told_apart_from_another_address(
    acme_caller: Caller, method: str, target: str
) -> None:
    answer = acme_caller.ask(method, target, {})
    assert (answer.status_code, answer.json()["code"]) == (405, "50115")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "50000"),
        (b"{", "50002"),
        (b'{"sz":NaN}', "50002"),
        (b'{"tag":"ACMEcode1","tag":"ZENITH2"}', "50002"),
        (b'{"instId":"\xff"}', "50002"),
        (b'{"instId":"\\ud800"}', "50002"),
        (b'{"a":' * 100_000, "50002"),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', "50002"),
        (b"[" + b"{}," * 20 + b"{}]", "50025"),
    ],
    ids=[
        "empty",
        "cut",
        "NaN",
        "twice",
        "not UTF-8",
        "half a character",
        "deep",
        "over 1 MB",
        "21 orders",
    ],
)
def test_a_bad_body_is_refused_with_its_number(acme_caller: Caller, body: bytes, code: str) -> None:
    answer = acme_caller.post(BATCH, body)
    assert answer.status_code in (200, 400)
    assert (answer.json()["code"], answer.json()["data"]) == (code, [])
    assert not Decision.objects.exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/json-patch+json", "json", ""])
def test_a_body_of_another_type_is_not_read(acme_caller: Caller, kind: str) -> None:
    answer = acme_caller.post(ORDER, limit_buy(), Content_Type=kind)
    assert (answer.status_code, answer.json()["code"]) == (400, "50006")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON ;a=b"])
def test_the_type_of_json_may_be_spelled_otherwise(acme_caller: Caller, kind: str) -> None:
    answer = acme_caller.post(ORDER, limit_buy(), Content_Type=kind)
    assert answer.json()["code"] == "0"


@pytest.mark.parametrize(
    "strange",
    [
        b'{"instId":"\\u0000","clOrdId":"a\\u0000\\ud83d\\ude00"}',
        b'{"instId":5,"clOrdId":{"a":[1]},"sz":1e99999}',
        b'{"instId":"' + b"B" * 100_000 + b'","tag":null}',
        b'{"sz":' + b"9" * 50_000 + b"}",
        b"{}",
    ],
    ids=["NUL", "numbers and objects", "long", "huge number", "nothing"],
)
def test_strange_orders_are_the_venues_to_refuse_and_ours_to_keep(
    acme_caller: Caller, strange: bytes
) -> None:
    answer = acme_caller.post(ORDER, strange)
    assert answer.status_code < 500
    assert answer.json()["code"] != "0"
    assert Decision.objects.get().outcome.code != "0"


def test_a_deadline_reaches_the_venue_or_is_refused(acme_caller: Caller) -> None:
    answer = acme_caller.post(ORDER, limit_buy(), expTime="tomorrow")
    assert (answer.status_code, answer.json()["code"]) == (400, "51000")
    assert acme_caller.post(ORDER, limit_buy(), expTime="4102444800000").json()["code"] == "0"


def test_answers_are_kept_by_no_cache_and_sniffed_by_no_browser(acme_caller: Caller) -> None:
    for target in (BALANCE, "/api/v5/public/time", "/api/v5/nowhere"):
        headers = acme_caller.get(target).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Type"].startswith("application/json")


def test_an_order_goes_on_without_the_query_that_nobody_reads(
    acme_caller: Caller, proxy: Proxy
) -> None:
    answer = acme_caller.post(f"{ORDER}?tag=ZENITH2&sz=9", limit_buy()).json()
    assert (answer["code"], answer["data"][0]["tag"]) == ("0", "ACMEcode1")
    assert [target for _, target in proxy.asked if target.startswith(ORDER)] == [ORDER]


def test_a_test_order_meant_by_one_of_two_headers_is_not_sent_to_the_live_market(
    acme_caller: Caller,
) -> None:
    for values in ("01", "10"):
        headers = [f"x-simulated-trading: {value}" for value in values]
        status, body = raw_request(acme_caller, "GET", BALANCE, *headers)
        assert (status, body["code"]) == (401, "50101")


def raw_request(caller: Caller, method: str, target: str, *headers: str) -> tuple[int, Any]:
    """One request with its target and headers byte for byte, which client libraries would tidy
    up."""
    where = urlsplit(caller.base_url)
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n"
        + "".join(f"{line}\r\n" for line in headers)
        + f"Authorization: Bearer {caller.token}\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(head.encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    status, _, rest = answer.partition(b"\r\n")
    body = rest.partition(b"\r\n\r\n")[2]
    return int(status.split()[1]), json.loads(body)
