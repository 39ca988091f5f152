"""Any bytes on any endpoint get the venue's answer in its shape, never a 500."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.sandbox.wire.endpoints import ENDPOINTS
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.counter import Counter
from tests.sandbox.envelopes import well_formed
from tests.sandbox.garbage import NAUGHTY, NO_JSON, NO_REQUEST, ODD_BUT_JSON
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
VALUES = PLAUSIBLE | st.sampled_from(NAUGHTY) | JSON_KINDS
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


@pytest.mark.parametrize("path", WRITES)
def test_what_is_no_json_is_a_syntax_error_everywhere(counter: Counter, path: str) -> None:
    for kind, body in NO_JSON.items():
        status, answer = counter.ask("POST", path, body=body)
        assert (status, answer["code"]) == (400, "50002"), kind


@pytest.mark.parametrize("path", WRITES)
def test_json_that_is_no_request_is_refused_everywhere(counter: Counter, path: str) -> None:
    for kind, body in NO_REQUEST.items():
        assert counter.ask("POST", path, body=body)[1]["code"] == "50002", kind


@pytest.mark.parametrize("path", WRITES)
def test_odd_json_gets_a_code_everywhere(counter: Counter, path: str) -> None:
    for kind, body in ODD_BUT_JSON.items():
        assert counter.ask("POST", path, body=body)[1]["code"] != "0", kind


OTHER_KINDS = [
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "json",
    "application/json-patch+json",
]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_content_types_are_refused_by_name(counter: Counter, path: str, kind: str) -> None:
    status, answer = counter.ask("POST", path, body=b"{}", **{"content-type": kind})
    assert (status, answer["code"]) == (400, "50006")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON ;a=b"])
def test_content_type_of_json_may_be_spelled_otherwise(counter: Counter, kind: str) -> None:
    answer = counter.ask("POST", ORDER, body=b"{}", **{"content-type": kind})[1]
    assert answer["data"][0]["sCode"] == "50014"


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
    for text in NAUGHTY:
        body = json.dumps(GOOD | {name: text}).encode()
        for path, sent in ((ORDER, body), (BATCH, b"[" + body + b"]")):
            answer = counter.ask("POST", path, body=sent)[1]
            word = text in ("", "1.") or (text.isascii() and text.isalnum() and len(text) <= 32)
            assert word or answer["code"] != "0", (name, text[:40])


@pytest.mark.parametrize("value", [1e999, -1e999, 10**30, 2**63, -1, 0, True, [], {}, [1], 0.01])
@pytest.mark.parametrize("name", ["sz", "px", "clOrdId", "instId"])
def test_numbers_and_lists_where_texts_belong_get_an_answer(
    counter: Counter, name: str, value: Any
) -> None:
    for path in (ORDER, BATCH):
        item = GOOD | {name: value}
        body = json.dumps([item] if path == BATCH else item).encode()
        counter.ask("POST", path, body=body)


def test_number_of_a_hundred_thousand_digits_gets_a_code(counter: Counter) -> None:
    body = b'{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"1","sz":'
    answer = counter.ask("POST", ORDER, body=body + b"9" * 200_000 + b"}")[1]
    assert answer["code"] != "0"


def test_last_of_two_equal_keys_counts(counter: Counter) -> None:
    doubled = json.dumps(GOOD)[:-1] + ', "px": "49000"}'
    answer = counter.ask("POST", ORDER, body=doubled.encode())[1]
    order_id = int(answer["data"][0]["ordId"])
    assert counter.live.exchange.state.orders[order_id].px == 490_000


@pytest.mark.parametrize("path", READS)
def test_nasty_queries_get_a_code(counter: Counter, path: str) -> None:
    for text in NAUGHTY:
        value = quote_from_bytes(text.encode("utf-8", "surrogatepass"))[:60_000]
        for name in ("instId", "instType", "after", "limit", "ordId", "begin", "sz", "bar", "ccy"):
            counter.ask("GET", path, query=f"{name}={value}".encode())


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
    counter.ask("POST", path, body=body)


@FUZZ
@given(path=st.sampled_from(WRITES), body=st.binary(max_size=60))
def test_any_bytes_on_any_endpoint_get_an_answer_in_shape(
    counter: Counter, path: str, body: bytes
) -> None:
    counter.ask("POST", path, body=body)


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
    counter.ask("GET", path, query=query.encode())


@pytest.fixture
def trader(sandbox: Sandbox) -> Trader:
    return sandbox.trader("Alice of the bad input", BTC="1", USDT="100000")


@pytest.mark.parametrize("size", [(1 << 20) + 1, 10_000_000])
def test_huge_body_is_read_to_its_end_and_refused(
    sandbox: Sandbox, trader: Trader, size: int
) -> None:
    body = b'{"instId":"' + b"x" * size + b'"}'
    answer = signed(sandbox, trader, "POST", ORDER, body)
    assert well_formed(answer.status_code, answer.content)["code"] == "50002"
    in_pieces = requests.post(f"{sandbox.base_url}{ORDER}", data=iter([body] * 2), timeout=30)
    assert well_formed(in_pieces.status_code, in_pieces.content)["code"] == "50002"


def test_huge_bodies_do_not_pile_up(sandbox: Sandbox, trader: Trader) -> None:
    before = resident_kib(sandbox)
    body = b"[" + b"1," * 5_000_000 + b"1]"
    for _ in range(10):
        assert signed(sandbox, trader, "POST", BATCH, body).json()["code"] == "50002"
    assert resident_kib(sandbox) - before < 64 * 1024


def resident_kib(sandbox: Sandbox) -> int:
    """Memory of the exchange's process."""
    status = Path(f"/proc/{sandbox.child.pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "target",
    [
        *("/", "/%ff", "/api/v4/trade/order", "/api/v5", "/api/v5/", "/api/v5//", "/api/v5/%00"),
        *("/api/v5/../trade/order", "/api/v5/trade/order/", "/api/v5/trade/Order"),
        *("/api/v5/trade/order%00", "/api/v5/%E4%BB%B7", "/api/v5/" + "a" * 5000),
    ],
)
def test_unknown_path_has_the_body_of_the_real_one(
    sandbox: Sandbox, method: str, target: str
) -> None:
    with requests.Session() as session:
        prepared = requests.Request(method, f"{sandbox.base_url}/", data=b"{").prepare()
        prepared.url = f"{sandbox.base_url}{target}"
        answer = session.send(prepared, timeout=10)
    assert answer.status_code == 404
    well_formed(answer.status_code, answer.content)
