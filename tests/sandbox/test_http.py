"""Bytes that are no HTTP, or odd HTTP, on the exchange's port; RFC 9112."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import Sandbox
from tests.sandbox.envelopes import well_formed
from tests.sandbox.sockets import OPENING

ASKED = b"GET /api/v5/account/balance HTTP/1.1\r\nHost: x\r\n\r\n"
"""Nobody has signed this, and that costs no turn of a limit: it is answered with 50103."""
POST = b"POST /api/v5/trade/order HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
NO_HEADER = {
    "HTTP/0.9": b"GET /api/v5/public/time\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\n\r\n",
    "another protocol": b"GET / HTTQ/1.1\r\n\r\n",
    "space in the target": b"GET /api v5 HTTP/1.1\r\n\r\n",
    "NUL in the target": b"GET /\x00 HTTP/1.1\r\n\r\n",
    "bytes above 127 in the target": b"GET /\xff\xe4 HTTP/1.1\r\n\r\n",
    "no target": b"GET  HTTP/1.1\r\n\r\n",
    "endless target": b"GET /" + b"a" * 1_000_000,
    "line feeds alone": b"GET / HTTP/1.1\nHost: x\n\n",
    "header without colon": b"GET / HTTP/1.1\r\nHost\r\n\r\n",
    "header without name": b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    "space in a name": b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",
    "space before the colon": POST + b"Content-Length : 2\r\n\r\n{}",
    "NUL in a value": b"GET / HTTP/1.1\r\na: \x00\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n",
    "endless header": b"GET / HTTP/1.1\r\na: " + b"a" * 1_000_000,
    "endless headers": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200_000,
    "length in letters": POST + b"Content-Length: two\r\n\r\n{}",
    "negative length": POST + b"Content-Length: -2\r\n\r\n{}",
    "huge length": POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "half a header": b"POST /api/v5/trade/order HTTP/1.1\r\nHo",
    "half a target": b"GET /api/v5/publ",
}
NO_BODY = {
    "compressed transfer": POST + b"Transfer-Encoding: gzip\r\n\r\n\x1f\x8b",
    "chunk size in letters": CHUNKED + b"zz\r\n",
    "negative chunk": CHUNKED + b"-1\r\n{}\r\n",
    "huge chunk": CHUNKED + b"fffffffffffffffffff\r\n",
    "chunk that is too long": CHUNKED + b"1\r\n{}\r\n",
    "endless chunk size": CHUNKED + b"0" * 3_000_000,
    "endless trailer": CHUNKED + b"0\r\na: " + b"a" * 3_000_000,
    "endless trailers": CHUNKED + b"0\r\n" + b"a: b\r\n" * 500_000,
    "half a chunk": CHUNKED + b"ff\r\n{",
    "half a body": POST + b"Content-Length: 20\r\n\r\n{}",
    "no body at all": POST + b"Content-Length: 20\r\n\r\n",
}
NO_METHOD = {
    "unknown method": b"BREW / HTTP/1.1\r\n\r\n",
    "method in small letters": b"get / HTTP/1.1\r\n\r\n",
    "tab behind the method": b"GET\t/ HTTP/1.1\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "XML": b"<?xml version='1.0'?>",
    "JSON": b'{"op": "ping"}\r\n\r\n',
    "zeros": bytes(100),
    "spaces": b"   GET / HTTP/1.1\r\n\r\n",
}
WRONG = {
    **{kind: (sent, "51000", "Parameter header error") for kind, sent in NO_HEADER.items()},
    **{kind: (sent, "51000", "Parameter body error") for kind, sent in NO_BODY.items()},
    **{kind: (sent, "50115", "Invalid request method") for kind, sent in NO_METHOD.items()},
}
TLS_HELLO = b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(160)


@contextmanager
def calling(sandbox: Sandbox) -> Iterator[socket.socket]:
    """A connection to the exchange."""
    address = urlsplit(sandbox.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as end:
        yield end


def to_the_end(end: socket.socket) -> bytes:
    """All that comes until the exchange closes; a connection that is broken off raises."""
    return b"".join(iter(lambda: end.recv(65536), b""))


def said_to(sandbox: Sandbox, *sent: bytes) -> bytes:
    """All that the exchange says to a client that sends this and then no more."""
    with calling(sandbox) as end:
        for piece in sent:
            end.sendall(piece)
        end.shutdown(socket.SHUT_WR)
        return to_the_end(end)


def answers(said: bytes) -> list[tuple[str, Any]]:
    """Head and envelope of each answer, each of them well formed."""
    found = []
    while said:
        head, gap, rest = said.partition(b"\r\n\r\n")
        assert gap
        lines = head.decode().lower().split("\r\n")
        length = next(int(line[16:]) for line in lines if line.startswith("content-length: "))
        assert "content-type: application/json" in lines
        found.append((head.decode(), well_formed(int(head.split()[1]), rest[:length])))
        said = rest[length:]
    return found


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_http_is_refused_in_the_envelope_and_the_connection_ends(
    sandbox: Sandbox, kind: str
) -> None:
    sent, code, sentence = WRONG[kind]
    [(head, answer)] = answers(said_to(sandbox, sent))
    assert (answer["code"], answer["msg"]) == (code, sentence)
    assert "connection: close" in head


UNFINISHED = [kind for kind in WRONG if kind.startswith("endless")]


@pytest.mark.parametrize("kind", ["unknown method", "two lengths", "negative chunk", *UNFINISHED])
def test_refusal_does_not_wait_for_the_client_to_finish(sandbox: Sandbox, kind: str) -> None:
    sent, code, _ = WRONG[kind]
    with calling(sandbox) as end:
        end.sendall(sent)
        [(_, answer)] = answers(to_the_end(end))
    assert answer["code"] == code


def test_tls_on_the_plain_port_is_closed_without_a_word(sandbox: Sandbox) -> None:
    with calling(sandbox) as end:
        end.sendall(TLS_HELLO)
        assert to_the_end(end) == b""


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n\r\n"])
def test_client_that_asks_nothing_is_told_nothing(sandbox: Sandbox, sent: bytes) -> None:
    assert said_to(sandbox, sent) == b""


def test_requests_before_the_wrong_one_are_answered_first(sandbox: Sandbox) -> None:
    heard = answers(said_to(sandbox, ASKED + ASKED + b"BREW / HTTP/1.1\r\n\r\n" + ASKED))
    assert [answer["code"] for _, answer in heard] == ["50103", "50103", "50115"]


def test_requests_that_come_together_are_answered_in_order(sandbox: Sandbox) -> None:
    paths = ["account/balance", "nowhere", "trade/cancel-order", "trade/order?instId=x"] * 10
    sent = [f"GET /api/v5/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths]
    heard = answers(said_to(sandbox, b"".join(sent)))
    assert [answer["code"] for _, answer in heard] == ["50103", 404, "50115", "50103"] * 10


@pytest.mark.parametrize("cut", [0, 20])
def test_a_long_train_of_requests_is_no_endless_head(sandbox: Sandbox, cut: int) -> None:
    sent = ASKED * 3000  # more than a head may hold, in pieces that end anywhere
    heard = answers(said_to(sandbox, sent[:cut], sent[cut:]))
    assert [answer["code"] for _, answer in heard] == ["50103"] * 3000


def test_request_may_come_byte_by_byte(sandbox: Sandbox) -> None:
    pieces = [ASKED[at : at + 1] for at in range(len(ASKED))]
    [(_, answer)] = answers(said_to(sandbox, *pieces))
    assert answer["code"] == "50103"


def test_answer_to_head_has_no_body(sandbox: Sandbox) -> None:
    said = said_to(sandbox, POST.replace(b"POST", b"HEAD") + b"\r\n")
    assert said.startswith(b"HTTP/1.1 405 ")
    assert said.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "last",
    [b"GET /api/v5/account/balance HTTP/1.0\r\n\r\n", ASKED[:-2] + b"Connection: close\r\n\r\n"],
)
def test_connection_ends_after_the_last_request(sandbox: Sandbox, last: bytes) -> None:
    with calling(sandbox) as end:
        end.sendall(ASKED + last + ASKED)
        heard = answers(to_the_end(end))
    assert ["connection: close" in head for head, _ in heard] == [False, True]


def test_client_that_waits_to_send_its_body_is_encouraged(sandbox: Sandbox) -> None:
    with calling(sandbox) as end:
        end.sendall(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert end.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        end.sendall(b"{}")
        end.shutdown(socket.SHUT_WR)
        [(_, answer)] = answers(to_the_end(end))
    assert answer["code"] == "50103"


def test_wish_for_another_protocol_is_passed_over(sandbox: Sandbox) -> None:
    wish = ASKED[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    heard = answers(said_to(sandbox, wish + wish))
    assert [answer["code"] for _, answer in heard] == ["50103", "50103"]


def test_target_may_name_its_host(sandbox: Sandbox) -> None:
    [(_, answer)] = answers(said_to(sandbox, ASKED.replace(b" /", b" http://somewhere/", 1)))
    assert answer["code"] == "50103"


@pytest.mark.parametrize("request_line", [b"CONNECT x:1 HTTP/1.1", b"OPTIONS * HTTP/1.1"])
def test_other_targets_lead_nowhere(sandbox: Sandbox, request_line: bytes) -> None:
    [(_, answer)] = answers(said_to(sandbox, request_line + b"\r\n\r\n"))
    assert answer["code"] == 404


def test_headers_behind_a_body_sign_nothing(sandbox: Sandbox) -> None:
    sent = CHUNKED + b"2\r\n{}\r\n0\r\nOK-ACCESS-KEY: k\r\n\r\n"
    [(_, answer)] = answers(said_to(sandbox, sent))
    assert answer["code"] == "50103"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (OPENING.replace(b"/public", b"/secret"), "404", 404),
        (OPENING.replace(b"Version: 13", b"Version: 8"), "400", "51000"),
        (OPENING.replace(b"-Key: dGhl", b"-Key: ???"), "400", "51000"),
        (OPENING.replace(b"GET /ws/v5/public", b"POST /api/v5/trade/order"), "401", "50103"),
        (OPENING.replace(b"GET", b"DELETE"), "404", 404),
    ],
)
def test_an_opening_that_is_none_is_refused_in_the_envelope(
    sandbox: Sandbox, sent: bytes, status: str, code: str | int
) -> None:
    with calling(sandbox) as end:
        end.sendall(sent)
        end.shutdown(socket.SHUT_WR)
        [(head, answer)] = answers(to_the_end(end))
    assert (head.split()[1], answer["code"]) == (status, code)


def test_websocket_frames_that_come_with_the_opening_are_heard(sandbox: Sandbox) -> None:
    ping = b"\x81\x84\x00\x00\x00\x00ping"
    with calling(sandbox) as end:
        end.sendall(OPENING + ping)
        said = b""
        while not said.endswith(b"\x81\x04pong"):
            said += end.recv(1000)
    assert said.startswith(b"HTTP/1.1 101 ")


def test_frames_that_break_the_protocol_are_so_told_with_the_opening_too(sandbox: Sandbox) -> None:
    for _ in range(5):  # more than may come at once: some wait for their turn
        said = said_to(sandbox, OPENING + b"\x83\x80\x00\x00\x00\x00")
        assert said.startswith(b"HTTP/1.1 101 ")
        assert said.endswith(b"\x88\x10\x03\xeainvalid opcode")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    begin=st.sampled_from([b"", b"GET ", ASKED[:-2], ASKED, POST, CHUNKED]),
    noise=st.binary(max_size=80),
)
def test_any_bytes_on_the_port_get_answers_in_shape(
    sandbox: Sandbox, begin: bytes, noise: bytes
) -> None:
    heard = answers(said_to(sandbox, begin + noise))
    assert heard or not (begin + noise).strip(b"\r\n") or noise.startswith(b"\x16\x03")
