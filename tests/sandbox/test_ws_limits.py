"""How much a WebSocket client may ask for, and with which code it is closed when it goes too far.

An exchange with limits that a test can wait for is a process of its own: `tests.sandbox.strict`.
"""

import json
import resource
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from connect_portal.sandbox.wire.ws.limits import ADDRESSES_KEPT, HOUR_S, Limits, Pace, Quota
from tests.sandbox.conftest import Sandbox, start_sandbox, stop_sandbox
from tests.sandbox.sockets import OPENING, PATIENCE_S, opened, private

Strict = Callable[..., Sandbox]
TICKERS = {"channel": "tickers", "instId": "BTC-USDT"}
INSTRUMENTS = {"channel": "instruments", "instType": "SPOT"}
MESSAGE_SIZE = Limits().message_size


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Strict]:
    """Start an exchange with these limits; it ends with the test."""
    with ExitStack() as stack:

        def start(**limits: float) -> Sandbox:
            options = ("quiet", json.dumps(limits))
            running = start_sandbox(tmp_path, *options, module="tests.sandbox.strict")
            stack.callback(stop_sandbox, running)
            return running

        yield start


def test_limits_are_the_published_ones() -> None:
    limits = Limits()
    assert (limits.connects_per_s, limits.requests_per_hour, limits.silence_s) == (3, 480, 30)
    assert (limits.message_size, limits.listeners_per_channel) == (64 * 1024, 30)
    assert limits.topics_of_key == 100


def test_an_address_opens_three_connections_a_second_and_the_next_wait_their_turn() -> None:
    pace = Pace(Limits())
    assert [pace.reserve("Alice", 10.0) for _ in range(3)] == [0, 0, 0]
    assert [pace.reserve("Alice", 10.25) for _ in range(3)] == [0.75, 0.75, 0.75]
    assert pace.reserve("Alice", 10.25) == 1.75
    assert pace.reserve("Bob", 10.25) == 0


def test_whoever_would_wait_too_long_is_refused_and_takes_no_turn() -> None:
    pace = Pace(Limits(patience_s=2))
    assert [pace.reserve("Alice", 10.0) for _ in range(9)] == [0] * 3 + [1] * 3 + [2] * 3
    assert pace.reserve("Alice", 10.0) is None
    assert pace.reserve("Alice", 11.0) == 2


def test_addresses_that_left_are_forgotten() -> None:
    pace = Pace(Limits())
    for number in range(3 * ADDRESSES_KEPT):
        pace.reserve(str(number), number / 10)
    assert len(pace._turns) <= ADDRESSES_KEPT


def test_an_hour_has_room_for_so_many_requests() -> None:
    quota = Quota(Limits(requests_per_hour=3))
    assert [quota.take(now) for now in (0, 10, 20, 30)] == [True, True, True, False]
    assert [quota.take(HOUR_S + now) for now in (0, 5, 10)] == [True, False, True]


def test_a_crowd_from_one_address_is_let_in_slowly_and_refused_in_part(strict: Strict) -> None:
    sandbox = strict(patience_s=1)

    def come(_: int) -> int:
        try:
            with opened(sandbox, "public", source_address=("127.0.0.1", 0)) as socket:
                return 101 if socket.alive() else 0
        except InvalidStatus as refused:
            return refused.response.status_code

    with ThreadPoolExecutor(30) as crowd:
        assert set(crowd.map(come, range(30))) == {101, 429}


def test_more_clients_come_than_a_process_may_open_files_by_default(tmp_path: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)

    def be_modest() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))

    sandbox = start_sandbox(tmp_path, "quiet", before=be_modest)
    with ExitStack() as stack:
        sockets = [stack.enter_context(opened(sandbox, "public")) for _ in range(80)]
        assert all(socket.alive() for socket in sockets)
    assert stop_sandbox(sandbox) == 0


def test_a_silent_connection_is_closed_with_4004_and_one_that_pings_is_not(strict: Strict) -> None:
    sandbox = strict(silence_s=2)
    with opened(sandbox, "public") as silent, opened(sandbox, "public") as awake:
        silent.subscribe(TICKERS)
        with ThreadPoolExecutor(1) as waiting:
            closing = waiting.submit(silent.closing)
            while not closing.done():
                assert awake.alive()
        assert closing.result() == (4004, "No data received in 30s.")


def test_a_client_that_does_not_read_is_closed_with_4005_and_others_are_not(
    strict: Strict,
) -> None:
    sandbox = strict(send_buffer=100_000, requests_per_hour=10_000)
    with (
        opened(sandbox, "public", sock=narrow(sandbox)) as slow,
        opened(sandbox, "public") as other,
    ):
        asked = {"op": "subscribe", "args": [INSTRUMENTS]}
        for _ in range(400):  # 50 kB of answer each, more than all buffers on the way hold
            slow.send(asked)
        while sandbox.operate("POST", "/notice")["told"] > 1:
            pass
        assert other.alive()
        assert slow.closing() == (4005, "Buffer is full, cannot write data.")


def test_a_client_that_pings_and_does_not_read_the_pongs_is_cut_off(strict: Strict) -> None:
    sandbox = strict(send_buffer=100_000)
    pings = Frame(Opcode.PING, b"x" * 125).serialize(mask=True) * 200_000
    with narrow(sandbox) as end:
        end.sendall(OPENING)
        with pytest.raises(ConnectionError):  # long before all of it is sent
            end.sendall(pings)
    with opened(sandbox, "public") as other:
        assert other.alive()


def narrow(sandbox: Sandbox) -> socket.socket:
    """A connection whose client's end takes little before it is read."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    narrow.bind(("127.0.0.2", 0))
    host, port = sandbox.base_url.removeprefix("http://").split(":")
    narrow.connect((host, int(port)))
    return narrow


def test_requests_over_the_hours_quota_are_refused_and_noise_then_closes_with_4002(
    strict: Strict,
) -> None:
    sandbox = strict(requests_per_hour=3)
    with opened(sandbox, "public") as socket:
        for _ in range(3):
            socket.subscribe(INSTRUMENTS)
            socket.next_push()
        assert socket.ask({"op": "subscribe", "args": [TICKERS]})["code"] == "60014"
        assert socket.alive()
        socket.raw.send("noise")
        assert socket.closing() == (4002, "Invalid request")


def test_one_connection_too_many_on_a_channel_is_told_and_hears_nothing(strict: Strict) -> None:
    sandbox = strict(listeners_per_channel=2)
    bob, arg = sandbox.trader("Bob", USDT="1"), {"channel": "balance_and_position"}
    with ExitStack() as stack:
        sockets = [stack.enter_context(private(sandbox, bob)) for _ in range(3)]
        for socket in sockets:
            socket.subscribe(arg)
        events = [socket.next() for socket in sockets]
        names = [(event["event"], event["connCount"]) for event in events]
        assert names == [
            ("channel-conn-count", "1"),
            ("channel-conn-count", "2"),
            ("channel-conn-count-error", "2"),
        ]
        assert sockets[1].next_push()["arg"]["channel"] == "balance_and_position"
        sockets[2].raw.send("ping")
        assert sockets[2].raw.recv(timeout=PATIENCE_S) == "pong"
        sockets[0].send({"op": "unsubscribe", "args": [arg]})
        while sockets[0].next().get("event") != "unsubscribe":
            pass
        sockets[2].subscribe(arg)
        assert sockets[2].next()["event"] == "channel-conn-count"


@pytest.mark.parametrize(
    ("limits", "code"),
    [({"topics_of_key": 2}, 4003), ({"topics_of_all": 2}, 4008), ({"topics": 2}, 4009)],
)
def test_too_many_subscriptions_close_the_connection_that_asks(
    strict: Strict, limits: dict[str, float], code: int
) -> None:
    sandbox = strict(**limits)
    bob = sandbox.trader("Bob", USDT="1")
    args = [{"channel": "orders", "instType": kind} for kind in ("SPOT", "ANY", "SWAP", "OPTION")]
    with private(sandbox, bob) as socket, opened(sandbox, "public") as other:
        socket.subscribe(*args[:2])
        socket.subscribe(args[0])
        socket.send({"op": "subscribe", "args": args[2:]})
        assert socket.closing()[0] == code
        other.subscribe(TICKERS)


@pytest.mark.parametrize("size", [MESSAGE_SIZE + 1, 70_000, 10_000_000])
@pytest.mark.parametrize("pieces", [1, 2])
def test_a_message_of_more_than_64_kb_is_closed_with_1009(
    sandbox: Sandbox, size: int, pieces: int
) -> None:
    with opened(sandbox, "public") as socket:
        message = "x" * size
        with suppress(ConnectionClosed):  # the venue does not wait for the rest
            socket.raw.send(
                message if pieces == 1 else [message[: size // 2], message[size // 2 :]]
            )
        assert socket.closing()[0] == 1009


def test_a_message_of_64_kb_is_read(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        padding = " " * (MESSAGE_SIZE - len(json.dumps({"op": "subscribe", "args": [TICKERS]})))
        socket.raw.send(json.dumps({"op": "subscribe", "args": [TICKERS]}) + padding)
        assert socket.next()["event"] == "subscribe"


def test_a_request_in_pieces_or_in_a_binary_frame_is_read(sandbox: Sandbox) -> None:
    request = json.dumps({"op": "subscribe", "args": [TICKERS]})
    with opened(sandbox, "public") as socket:
        for message in ([request[:9], request[9:]], request.encode()):
            socket.raw.send(message)
            assert socket.next()["event"] == "subscribe"
            assert socket.next_push()["arg"] == TICKERS


def test_text_that_is_not_utf8_is_closed_with_1007(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        socket.raw.send(b"\xff\xfe", text=True)
        assert socket.closing()[0] == 1007


def test_frames_that_break_the_protocol_are_closed_with_1002(sandbox: Sandbox) -> None:
    with opened(sandbox, "public") as socket:
        with socket.raw.send_context():
            socket.raw.protocol.expect_continuation_frame = True
            socket.raw.protocol.send_continuation(b"of nothing", fin=True)
        assert socket.closing()[0] == 1002


def test_a_stop_closes_with_1012_and_gives_no_notice(strict: Strict) -> None:
    sandbox = strict()
    with opened(sandbox, "public") as socket:
        socket.subscribe(TICKERS)
        socket.next_push()
        sandbox.child.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            socket.raw.recv(timeout=PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    assert sandbox.child.wait(20) == 0


def test_an_operator_gives_notice_to_everybody_and_nobody_is_closed(
    strict: Strict,
) -> None:
    sandbox = strict()
    bob = sandbox.trader("Bob")
    with (
        opened(sandbox, "public") as one,
        opened(sandbox, "public?brokerId=9999") as demo,
        private(sandbox, bob) as other,
    ):
        assert sandbox.operate("POST", "/notice") == {"told": 3}
        for socket in (one, demo, other):
            notice = socket.next()
            assert (notice["event"], notice["code"]) == ("notice", "64008")
            assert socket.alive()
