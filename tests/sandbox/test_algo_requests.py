"""Any request for a strategy order is carried out, or refused with a code that has a sentence."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connect_portal.sandbox.engine.commands import Faucet, OpenAccount, Place, Tick
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.wire import algo_requests
from connect_portal.sandbox.wire.errors import SENTENCES, WireError
from connect_portal.sandbox.wire.rest import trade
from tests.sandbox.test_algos import KINDS

ENGINE = Path(algo_requests.__file__).parents[1] / "engine"
NAUGHTY = st.sampled_from(
    ["", "0", "-1", "-0", "1e5", "NaN", "٥", "9" * 30, "0." + "0" * 17 + "1", "\x00", "null", "--"]
)
SENSIBLE = st.sampled_from(["0.01", "0.1", "1", "5", "99", "100", "101", "100.05", "100000000"])
WORDS = st.sampled_from(["base_ccy", "quote_ccy", "last", "mark", "long", "net", "fok", "true"])
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.lists(st.dictionaries(st.sampled_from(["slTriggerPx", "triggerAction"]), NAUGHTY)),
    st.dictionaries(st.text(max_size=3), NAUGHTY, max_size=2),
)
VALUES = st.one_of(SENSIBLE, SENSIBLE, NAUGHTY, WORDS, JUNK, st.text(max_size=8))
CHANGES = st.dictionaries(st.sampled_from(sorted(algo_requests.PLACE.params)), VALUES, max_size=4)
AMENDMENTS = st.dictionaries(st.sampled_from(sorted(algo_requests.AMEND.params)), VALUES)
ATTACHED = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from(["slTriggerPx", "slOrdPx", "tpTriggerPx", "sz"]), VALUES),
        st.dictionaries(st.sampled_from(["callbackRatio", "callbackSpread", "activePx"]), VALUES),
        st.just({"slTriggerPx": "98", "slOrdPx": "-1"}),
        st.just({"callbackRatio": "0.1", "activePx": "110"}),
    ),
    max_size=2,
)


class Bench:
    """An exchange whose LTC-USDT trades at 100, with Bob, who asks for anything."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.call: Any = SimpleNamespace(uid=self._open(), world=self.exchange.world)
        for side in ("sell", "buy"):
            self._limit(side, "100")
        self._limit("buy", "99")
        self._limit("sell", "101")

    def _open(self) -> str:
        uid: str = self.exchange.apply(OpenAccount(reference="Bob", label="Bob")).value.uid
        for ccy in ("LTC", "USDT"):
            self.exchange.apply(Faucet(uid=uid, reference=ccy, ccy=ccy, amt="100000"))
        return uid

    def _limit(self, side: str, px: str) -> None:
        uid = self.exchange.apply(OpenAccount(reference=side, label=side)).value.uid
        for ccy in ("LTC", "USDT"):
            self.exchange.apply(Faucet(uid=uid, reference=ccy, ccy=ccy, amt="100000"))
        order = Place(uid=uid, inst="LTC-USDT", side=side, kind="limit", sz="1", px=px)
        assert self.exchange.apply(order).code == "0"

    def ask(self, read: Any, item: dict[str, Any]) -> str:
        """Read and carry out; the code, which must have a sentence."""
        try:
            command = read(self.call, item)
        except WireError as error:
            return error.code
        code = self.exchange.apply(command).code
        self.exchange.validate()
        assert code in ("0", *SENTENCES)
        return code


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(KINDS)), CHANGES, AMENDMENTS, ATTACHED)
def test_anything_asked_for_is_carried_out_or_refused(
    kind: str, change: dict[str, Any], amendment: dict[str, Any], attached: list[Any]
) -> None:
    bench = Bench()
    body = {"instId": "LTC-USDT", "tdMode": "cash", "ordType": kind, "side": "sell", "sz": "3"}
    bench.ask(
        algo_requests.place_command, body | KINDS[kind] | {"attachAlgoOrds": attached} | change
    )
    algo_id = next(iter(bench.exchange.state.algos), 1)
    named = {"instId": "LTC-USDT", "algoId": str(algo_id)}
    bench.ask(algo_requests.amend_command, named | amendment)
    order = {"instId": "LTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "101"}
    bench.ask(trade.place_command, order | {"sz": "1", "attachAlgoOrds": attached})
    bench.exchange.apply(Tick(ts=120_000))
    bench.exchange.validate()


def test_every_code_of_the_core_has_its_sentence() -> None:
    codes = {
        code
        for path in ENGINE.rglob("*.py")
        for code in re.findall(r'"(5\d{4})"', path.read_text())
    }
    assert len(codes) > 50
    assert codes - SENTENCES.keys() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_empty_and_null_are_as_if_absent_and_unknown_names_are_ignored(kind: str) -> None:
    body = {"instId": "LTC-USDT", "tdMode": "cash", "ordType": kind, "side": "sell", "sz": "3"}
    asked = body | KINDS[kind]
    call: Any = SimpleNamespace(uid="1")
    plain = algo_requests.place_command(call, asked)
    absent = {name: "" for name in algo_requests.PLACE.params if name not in asked}
    more = {"attachAlgoOrds": None, "ccy": "", "reduceOnly": None, "zzz": {"a": 1}}
    assert algo_requests.place_command(call, asked | absent | more) == plain
