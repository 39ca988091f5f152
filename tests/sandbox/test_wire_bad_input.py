"""Any bytes on any endpoint get the venue's answer in its shape, never a 500."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.sandbox.wire.endpoints import ENDPOINTS
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.counter import Counter
from tests.sandbox.signing import signed

ORDER, BATCH = "/api/v5/trade/order", "/api/v5/trade/batch-orders"
READS = sorted(path for path, methods in ENDPOINTS.items() if "GET" in methods)
WRITES = sorted(path for path, methods in ENDPOINTS.items() if "POST" in methods)
NAMES = sorted({n for m in ENDPOINTS.values() for e in m.values() for n in e.params.params})
GOOD: dict[str, Any] = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "px": "50000",
    "sz": "0.00001",
}
NO_JSON = [
    b"{",
    b"}",
    b"[",
    b'{"a":1,}',
    b"[1,]",
    b'{"a" 1}',
    b"{'a':1}",
    b"{a:1}",
    b'{"a":1}}',
    b'{"a":01}',
    b'{"a":+1}',
    b'{"a":.5}',
    b'{"a":1.}',
    b'{"a":0x10}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":-Infinity}',
    b'{"a":"\x01"}',
    b'{"a":"\\x"}',
    b'{"a":"\\u12"}',
    b'{"a":"\xff"}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"a":"unclosed}',
    b"// comment\n{}",
    b'{"a":/**/1}',
    b"True",
    b"nul",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"\x00",
    b"<html>",
    b"a=1&b=2",
]
"""Kinds of what a JSON parser must refuse."""
NO_REQUEST = [b"null", b"true", b"1", b'"text"', b"[]", b"[1]", b"[[]]", b"[null]", b'[{},"x"]']
"""JSON, but no object and no list of objects."""
NASTY_TEXTS = [
    "\x00",
    "\ud800",
    "\ufeff",
    "\u202e",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さん",
    "١٢٣",
    "½",
    "1e5",
    "1E-7",
    "-1",
    "-0",
    "+1",
    "0x1F",
    "1,000",
    " 1",
    "1 ",
    "NaN",
    "Infinity",
    "9" * 5000,
    "0." + "0" * 5000 + "1",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "%00",
    "${jndi:ldap://x}",
    "null",
    "undefined",
    "true",
    "[]",
    "{}",
    "\n\r\t",
    "x" * 70_000,
]
JSON_KINDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
PLAUSIBLE = st.sampled_from(
    ["BTC-USDT", "SPOT", "BTC", "buy", "limit", "market", "trigger", "twap", "1", "0.01", "50000"]
)
VALUES = PLAUSIBLE | st.sampled_from(NASTY_TEXTS) | JSON_KINDS
REQUESTS = st.dictionaries(st.sampled_from([*GOOD, *NAMES]), VALUES, max_size=8)
FUZZ = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """An exchange that must be whole at the end, whatever was asked of it."""
    counter = Counter(tmp_path_factory.mktemp("counter"))
    yield counter
    counter.live.exchange.validate()
    assert counter.ask("GET", "/api/v5/account/balance")[1]["code"] == "0"
    counter.close()


def assert_in_shape(status: int, answer: Any) -> None:
    """An envelope of the venue: a code as text, rows as a list, and no failure of its own."""
    assert status < 500, answer
    assert isinstance(answer["code"], str), answer
    assert isinstance(answer["msg"], str), answer
    assert answer["code"] not in ("50026", ""), answer
    if status not in (401, 429):
        assert isinstance(answer["data"], list), answer


@pytest.mark.parametrize("path", WRITES)
def test_what_is_no_json_is_a_syntax_error_everywhere(counter: Counter, path: str) -> None:
    for body in NO_JSON:
        status, answer = counter.ask("POST", path, body=body)
        assert (status, answer["code"], answer["data"]) == (400, "50002", []), body[:40]


@pytest.mark.parametrize("path", WRITES)
def test_json_that_is_no_request_gets_a_code(counter: Counter, path: str) -> None:
    for body in NO_REQUEST:
        status, answer = counter.ask("POST", path, body=body)
        assert_in_shape(status, answer)
        assert answer["code"] != "0", body


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_other_content_types_are_refused_by_name(counter: Counter, path: str, kind: str) -> None:
    status, answer = counter.ask("POST", path, body=b"{}", **{"content-type": kind})
    assert (status, answer["code"]) == (400, "50006")


@pytest.mark.parametrize("path", WRITES)
def test_missing_body_is_refused_by_name(counter: Counter, path: str) -> None:
    status, answer = counter.ask("POST", path)
    assert (status, answer["code"]) == (400, "50000")


@pytest.mark.parametrize("path", sorted(ENDPOINTS))
def test_methods_an_endpoint_does_not_have_are_refused(counter: Counter, path: str) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - {
        *ENDPOINTS[path]
    }:
        status, answer = counter.ask(method, path, body=b"{}")
        assert (status, answer["code"]) == (405, "50115"), method


@pytest.mark.parametrize("name", [*GOOD, "clOrdId", "tag", "tgtCcy", "stpMode", "tradeQuoteCcy"])
def test_nasty_texts_in_an_order_get_a_code(counter: Counter, name: str) -> None:
    for text in NASTY_TEXTS:
        body = json.dumps(GOOD | {name: text}).encode()
        for path, sent in ((ORDER, body), (BATCH, b"[" + body + b"]")):
            status, answer = counter.ask("POST", path, body=sent)
            assert_in_shape(status, answer)
            word = text.isascii() and text.isalnum() and len(text) <= 32
            assert word or answer["code"] != "0", (name, text[:40])


@pytest.mark.parametrize("value", [1e999, -1e999, 10**30, 2**63, -1, 0, True, [], {}, [1], 0.01])
@pytest.mark.parametrize("name", ["sz", "px", "clOrdId", "instId"])
def test_numbers_and_lists_where_texts_belong_get_an_answer(
    counter: Counter, name: str, value: Any
) -> None:
    for path in (ORDER, BATCH):
        item = GOOD | {name: value}
        body = json.dumps([item] if path == BATCH else item).encode()
        assert_in_shape(*counter.ask("POST", path, body=body))


def test_number_of_a_hundred_thousand_digits_gets_a_code(counter: Counter) -> None:
    body = b'{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"1","sz":'
    status, answer = counter.ask("POST", ORDER, body=body + b"9" * 200_000 + b"}")
    assert_in_shape(status, answer)
    assert answer["code"] != "0"


def test_last_of_two_equal_keys_counts(counter: Counter) -> None:
    doubled = json.dumps(GOOD)[:-1] + ', "px": "49000"}'
    answer = counter.ask("POST", ORDER, body=doubled.encode())[1]
    order_id = int(answer["data"][0]["ordId"])
    assert counter.live.exchange.state.orders[order_id].px == 490_000


@pytest.mark.parametrize("path", READS)
def test_nasty_queries_get_a_code(counter: Counter, path: str) -> None:
    for text in NASTY_TEXTS:
        value = quote_from_bytes(text.encode("utf-8", "surrogatepass"))[:60_000]
        for name in ("instId", "instType", "after", "limit", "ordId", "begin", "sz", "bar", "ccy"):
            assert_in_shape(*counter.ask("GET", path, query=f"{name}={value}".encode()))


@pytest.mark.parametrize(
    "query", [b"=", b"&&&", b"%", b"%zz=%", b"a" * 9000, b"\xff\xfe", b"a=1;b=2"]
)
def test_queries_that_are_none_are_read_as_nothing(counter: Counter, query: bytes) -> None:
    status, answer = counter.ask("GET", "/api/v5/trade/orders-pending", query=query)
    assert (status, answer["code"]) == (200, "0")


@pytest.mark.parametrize(
    "header", ["ok-access-sign", "ok-access-timestamp", "ok-access-passphrase", "ok-access-key"]
)
def test_nasty_headers_are_refused(counter: Counter, header: str) -> None:
    for text in ("\x7f", "é", "9" * 5000, "2020-99-99T99:99:99Z", "nan", "1e999", "٣"):
        status, answer = counter.ask("GET", "/api/v5/account/balance", **{header: text})
        assert status == 401
        assert set(answer) == {"msg", "code"}


@FUZZ
@given(path=st.sampled_from(WRITES), asked=REQUESTS | JSON_KINDS, listed=st.booleans())
def test_any_json_on_any_endpoint_gets_an_answer_in_shape(
    counter: Counter, path: str, asked: Any, listed: bool
) -> None:
    body = json.dumps([asked] if listed else asked).encode("utf-8", "surrogatepass")
    assert_in_shape(*counter.ask("POST", path, body=body))


@FUZZ
@given(path=st.sampled_from(WRITES), body=st.binary(max_size=60))
def test_any_bytes_on_any_endpoint_get_an_answer_in_shape(
    counter: Counter, path: str, body: bytes
) -> None:
    assert_in_shape(*counter.ask("POST", path, body=body))


@FUZZ
@given(
    path=st.sampled_from(READS),
    asked=st.dictionaries(st.sampled_from(NAMES), PLAUSIBLE | st.text(max_size=12), max_size=6),
)
def test_any_query_on_any_endpoint_gets_an_answer_in_shape(
    counter: Counter, path: str, asked: dict[str, str]
) -> None:
    query = "&".join(
        f"{name}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in asked.items()
    )
    assert_in_shape(*counter.ask("GET", path, query=query.encode()))


def test_body_of_ten_megabytes_is_refused_and_the_exchange_goes_on(
    sandbox: Sandbox, trader: Trader
) -> None:
    body = b'{"instId":"' + b"x" * 10_000_000 + b'"}'
    answer = signed(sandbox, trader, "POST", ORDER, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "50002")
    assert signed(sandbox, trader, "GET", "/api/v5/account/balance").json()["code"] == "0"


@pytest.mark.parametrize("target", ["/api/v5/%00", "/api/v5/../trade/order", "/api/v5//", "/%ff"])
def test_strange_paths_are_not_found(sandbox: Sandbox, target: str) -> None:
    session = requests.Session()
    prepared = requests.Request("GET", f"{sandbox.base_url}/").prepare()
    prepared.url = f"{sandbox.base_url}{target}"
    answer = session.send(prepared, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (404, 404)


@pytest.fixture
def trader(sandbox: Sandbox) -> Trader:
    return sandbox.trader("Alice of the bad input", BTC="1", USDT="100000")
