"""Order books over WebSocket: snapshots, chained changes, best levels."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.signing import order
from tests.sandbox.sockets import PLACE, Socket, opened, private

Make = Callable[..., Trader]
BATCH = 20


@pytest.fixture(scope="module")
def sandbox(fresh_sandbox: Sandbox) -> Sandbox:
    """Books of these tests alone."""
    return fresh_sandbox


class Copy:
    """A book as a client keeps it: a snapshot, then the changes, whose chain must not break."""

    def __init__(self, socket: Socket, channel: str, inst: str) -> None:
        self.socket, self.channel, self.updates = socket, channel, 0
        socket.subscribe({"channel": channel, "instId": inst})
        push = socket.next_push(channel)
        (first,) = push["data"]
        assert (push["action"], first["prevSeqId"], first["checksum"]) == ("snapshot", -1, 0)
        self.sequence = first["seqId"]
        self.sides: dict[str, dict[str, Any]] = {"asks": {}, "bids": {}}
        self._take(first)

    def follow(self) -> None:
        """Take the next change."""
        push = self.socket.next_push(self.channel)
        (change,) = push["data"]
        assert (push["action"], change["prevSeqId"]) == ("update", self.sequence)
        assert change["seqId"] >= self.sequence
        self.sequence = change["seqId"]
        self.updates += 1
        self._take(change)

    def rows(self, side: str) -> list[Any]:
        """The levels, best first."""
        worst_first = side == "bids"
        return sorted(self.sides[side].values(), key=lambda row: float(row[0]), reverse=worst_first)

    def _take(self, told: Any) -> None:
        for name, levels in self.sides.items():
            for row in told[name]:
                levels[row[0]] = row
                if row[1] == "0":
                    del levels[row[0]]


@pytest.fixture
def sell(sandbox: Sandbox, make_trader: Make) -> Callable[..., str]:
    """Alice offers 1 at a price; the order's id."""
    alices: dict[str, Trader] = {}

    def sell(inst: str, px: str) -> str:
        base = inst.partition("-")[0]
        if inst not in alices:
            alices[inst] = make_trader("Alice", **{base: "1000"})
        row = order(sandbox, alices[inst], "sell", "1", px, instId=inst)
        assert row["sCode"] == "0", row
        return str(row["ordId"])

    return sell


def test_a_book_is_a_snapshot_and_then_what_has_changed(
    sandbox: Sandbox, make_trader: Make
) -> None:
    alice, inst = make_trader("Alice", SUI="100"), "SUI-USDT"
    offer = PLACE | {"instId": inst, "side": "sell", "sz": "2", "px": "4"}
    with opened(sandbox, "public") as public, private(sandbox, alice) as socket:
        placed = socket.operate("order", offer)["data"][0]
        copy = Copy(public, "books", inst)
        assert copy.rows("asks") == [["4", "2", "0", "1"]]
        socket.operate("order", offer)
        copy.follow()
        assert copy.rows("asks") == [["4", "4", "0", "2"]]
        socket.operate("order", offer | {"px": "4.1"})
        copy.follow()
        assert copy.rows("asks") == [["4", "4", "0", "2"], ["4.1", "2", "0", "1"]]
        socket.operate("cancel-order", {"instId": inst, "ordId": placed["ordId"]})
        copy.follow()
        assert copy.rows("asks")[0] == ["4", "2", "0", "1"]


def test_rest_counts_the_changes_of_a_book_as_the_channels_do(
    sandbox: Sandbox, sell: Callable[..., str]
) -> None:
    inst = "SOL-USDC"
    with opened(sandbox, "public") as public:
        copy = Copy(public, "books", inst)
        sell(inst, "300")
        copy.follow()
        (book,) = sandbox.public(f"market/books?instId={inst}&sz=5")["data"]
        assert (book["seqId"], book["asks"]) == (copy.sequence, copy.rows("asks"))


def test_a_deleted_level_has_no_size(sandbox: Sandbox, make_trader: Make) -> None:
    alice, inst = make_trader("Alice", LINK="100"), "LINK-USDC"
    offer = PLACE | {"instId": inst, "side": "sell", "sz": "2", "px": "15"}
    with opened(sandbox, "public") as public, private(sandbox, alice) as socket:
        placed = socket.operate("order", offer)["data"][0]
        Copy(public, "books", inst)
        socket.operate("cancel-order", {"instId": inst, "ordId": placed["ordId"]})
        (change,) = public.next_push("books")["data"]
        assert (change["asks"], change["bids"]) == ([["15", "0", "0", "0"]], [])


@pytest.mark.parametrize("channel", ["books", "books-l2-tbt", "books50-l2-tbt"])
def test_a_copy_that_follows_the_changes_stays_equal_to_the_book(
    sandbox: Sandbox, make_trader: Make, channel: str
) -> None:
    inst = {"books": "DOGE-USDC", "books-l2-tbt": "XLM-USDC", "books50-l2-tbt": "TRX-USDC"}[channel]
    alice = make_trader("Alice", USDC="1000000", **{inst[:-5]: "1000000"})
    sandbox.operate("POST", f"/accounts/{alice.uid}/level", {"level": "VIP4"})
    dice, resting = random.Random(4), []
    with private(sandbox, alice, "public") as public, private(sandbox, alice) as socket:
        copy = Copy(public, channel, inst)
        for _ in range(3):
            for _ in range(15):
                sells = dice.random() < 0.5
                px = f"0.{dice.randint(51, 60) if sells else dice.randint(40, 49)}"
                change = {"side": "sell" if sells else "buy", "px": px, "instId": inst}
                placed = socket.operate("order", PLACE | change | {"sz": str(dice.randint(10, 99))})
                resting.append(placed["data"][0]["ordId"])
                if dice.random() < 0.4:
                    gone = resting.pop(dice.randrange(len(resting)))
                    socket.operate("cancel-order", {"instId": inst, "ordId": gone})
            (book,) = sandbox.public(f"market/books?instId={inst}&sz=400")["data"]
            while (copy.rows("asks"), copy.rows("bids")) != (book["asks"], book["bids"]):
                copy.follow()
        assert copy.updates >= 3


def test_a_newcomer_gets_a_snapshot_onto_which_the_shared_changes_fit(
    sandbox: Sandbox, sell: Callable[..., str]
) -> None:
    inst = "ATOM-USDC"
    sell(inst, "8")
    with opened(sandbox, "public") as one, opened(sandbox, "public") as other:
        first = Copy(one, "books", inst)
        sell(inst, "8.1")
        second = Copy(other, "books", inst)
        sell(inst, "8.2")
        for copy in (first, second):
            while len(copy.rows("asks")) < 3:
                copy.follow()
        assert (first.sequence, first.sides) == (second.sequence, second.sides)


def test_subscribing_again_starts_from_a_new_snapshot(
    sandbox: Sandbox, sell: Callable[..., str]
) -> None:
    inst = "UNI-USDC"
    sell(inst, "8")
    with opened(sandbox, "public") as socket:
        Copy(socket, "books", inst)
        arg = {"channel": "books", "instId": inst}
        socket.send({"id": "u", "op": "unsubscribe", "args": [arg]})
        assert socket.answer("u")["event"] == "unsubscribe"
        sell(inst, "8.1")
        assert len(Copy(socket, "books", inst).rows("asks")) == 2


def test_books5_shows_five_levels_whole_each_time(
    sandbox: Sandbox, sell: Callable[..., str]
) -> None:
    inst = "LINK-USDT"
    with opened(sandbox, "public") as socket:
        socket.subscribe({"channel": "books5", "instId": inst})
        first = socket.next_push("books5")
        assert "action" not in first
        for tenths in range(7):
            sell(inst, f"15.{tenths}")
        rows = first["data"]
        while [row[0] for row in rows[0]["asks"]] != ["15", "15.1", "15.2", "15.3", "15.4"]:
            rows = socket.next_push("books5")["data"]
        assert (rows[0]["instId"], rows[0]["bids"]) == (inst, [])
        assert rows[0]["seqId"] > first["data"][0]["seqId"]


def test_best_levels_are_pushed_only_when_they_change(
    sandbox: Sandbox, sell: Callable[..., str]
) -> None:
    inst = "LTC-USDC"
    sell(inst, "90")
    with opened(sandbox, "public") as socket:
        socket.subscribe({"channel": "bbo-tbt", "instId": inst})
        assert socket.next_row("bbo-tbt")["asks"] == [["90", "1", "0", "1"]]
        sell(inst, "91")
        sell(inst, "89")
        row = socket.next_row("bbo-tbt")
        assert (row["asks"], row["bids"]) == ([["89", "1", "0", "1"]], [])
        assert set(row) == {"asks", "bids", "ts", "seqId"}


def test_a_book_shows_four_hundred_levels_and_refills_from_below(
    sandbox: Sandbox, make_trader: Make
) -> None:
    inst, traders = "AAVE-USDC", [make_trader(name, AAVE="1000") for name in ("Alice", "Bob")]
    prices = [f"{100 + number / 10:.1f}" for number in range(410)]
    first = ""
    for trader, half in zip(traders, (prices[:210], prices[210:]), strict=True):
        with private(sandbox, trader) as socket:
            offer = PLACE | {"instId": inst, "side": "sell", "sz": "0.1"}
            for start in range(0, len(half), BATCH):
                batch = [offer | {"px": px} for px in half[start : start + BATCH]]
                answer = socket.operate("batch-orders", *batch)
                assert answer["code"] == "0"
                first = first or answer["data"][0]["ordId"]
    with opened(sandbox, "public") as public, private(sandbox, traders[0]) as socket:
        copy = Copy(public, "books", inst)
        assert [float(row[0]) for row in copy.rows("asks")] == [float(px) for px in prices[:400]]
        socket.operate("cancel-order", {"instId": inst, "ordId": first})
        copy.follow()
        assert [float(row[0]) for row in copy.rows("asks")] == [float(px) for px in prices[1:401]]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """An exchange that gives a sign of life after a moment instead of a minute."""
    folder: Path = tmp_path_factory.mktemp("impatient")
    running = start_sandbox(folder, "quiet", "{}", module="tests.sandbox.strict")
    yield running
    assert stop_sandbox(running) == 0


def test_a_quiet_book_gives_a_sign_of_life_that_changes_nothing(impatient: Sandbox) -> None:
    with opened(impatient, "public") as socket:
        copy = Copy(socket, "books", "BTC-USDT")
        for _ in range(2):
            push = socket.next_push("books")
            (row,) = push["data"]
            assert push["action"] == "update"
            assert (row["asks"], row["bids"]) == ([], [])
            assert row["prevSeqId"] == row["seqId"] == copy.sequence
