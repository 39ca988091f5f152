"""Any commands in any order: no balance below zero, the world sums to zero, replay is identical."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connect_portal.sandbox.engine.algo import Attached, StartWhen
from connect_portal.sandbox.engine.commands import (
    Amend,
    AmendAlgo,
    AnyCommand,
    Cancel,
    CancelAlgo,
    CancelAllAfter,
    Faucet,
    MoveClock,
    OpenAccount,
    Place,
    PlaceAlgo,
    Tick,
)
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.exchange import Exchange

PEOPLE = st.sampled_from(["Alice", "Bob", "Mallory"])
SIDES = st.sampled_from(["buy", "sell"])
SIZES = st.integers(1, 40).map(lambda n: f"{n / 100:.2f}")
PRICES = st.integers(-8, 8).map(lambda n: str(50_000 + n * 10))
KINDS = st.sampled_from(["limit", "limit", "limit", "post_only", "ioc", "fok", "market"])
NO_PRICE = st.just("")
AT_MARKET = st.one_of(PRICES, st.just("-1"))
SOME_LEG = st.tuples(PRICES, AT_MARKET)
LEG = st.one_of(st.tuples(NO_PRICE, NO_PRICE), SOME_LEG)
ATTACHED = st.one_of(
    st.just([]),
    st.tuples(LEG, SOME_LEG).map(lambda legs: [Attached("guard", *legs[0], *legs[1])]),
    st.just([Attached(callback_ratio="0.001")]),
)
PARTS = st.integers(1, 8).map(lambda n: f"{n / 100:.2f}")
DISTANCES = st.sampled_from([{"px_var": "0.001"}, {"px_var": "0.0001"}, {"px_spread": "20"}])
STARTS = st.one_of(
    st.none(),
    st.tuples(PRICES, st.sampled_from(["above", "below", "cross", "cross_up", "cross_down"])).map(
        lambda given: StartWhen(strategy="price", px=given[0], cond=given[1])
    ),
    st.sampled_from(["above", "cross_down"]).map(
        lambda cond: StartWhen(strategy="rsi", cond=cond, timeframe="3m", threshold=50)
    ),
)
STP = st.sampled_from(["cancel_maker", "cancel_taker", "cancel_both"])


class AnyTrading(RuleBasedStateMachine):
    """Three people with little money trade against each other in every way there is."""

    @initialize()
    def open_accounts(self) -> None:
        self.exchange, self.done = Exchange(), list[AnyCommand]()
        self.now = 1_700_000_000_000
        self.uids: dict[str, str] = {}
        for name in ("Alice", "Bob", "Mallory"):
            self.uids[name] = self.submit(OpenAccount(reference=name, label=name)).value.uid
            for ccy, amt in (("BTC", "1"), ("USDT", "40000")):
                self.submit(Faucet(uid=self.uids[name], reference=ccy, ccy=ccy, amt=amt))

    def submit(self, command: AnyCommand) -> Outcome:
        self.now += 250
        command.ts = self.now
        self.done.append(command)
        return self.exchange.apply(command)

    def some_id(self, number: int, ids: list[int]) -> int:
        return ids[number % len(ids)] if ids else 1

    @rule(
        who=PEOPLE,
        side=SIDES,
        kind=KINDS,
        sz=SIZES,
        px=PRICES,
        stp=STP,
        quote=st.booleans(),
        attached=ATTACHED,
    )
    def place(
        self,
        who: str,
        side: str,
        kind: str,
        sz: str,
        px: str,
        stp: str,
        quote: bool,
        attached: list[Attached],
    ) -> None:
        market = kind == "market"
        by_quote = market and quote
        self.submit(
            Place(
                uid=self.uids[who],
                inst="BTC-USDT",
                side=side,
                kind=kind,
                sz=str(int(float(sz) * 50_000)) if by_quote else sz,
                px="" if market else px,
                tgt=("quote_ccy" if by_quote else "base_ccy") if market else "",
                stp=stp,
                tag="ABCD",
                attached=attached,
            )
        )

    @rule(who=PEOPLE, number=st.integers(0, 99))
    def cancel(self, who: str, number: int) -> None:
        order_id = self.some_id(number, list(self.exchange.state.orders))
        self.submit(Cancel(uid=self.uids[who], inst="BTC-USDT", order_id=order_id))

    @rule(who=PEOPLE, number=st.integers(0, 99), sz=SIZES, px=PRICES, give_up=st.booleans())
    def amend(self, who: str, number: int, sz: str, px: str, give_up: bool) -> None:
        account = self.exchange.state.accounts[self.uids[who]]
        self.submit(
            Amend(
                uid=account.uid,
                inst="BTC-USDT",
                order_id=self.some_id(number, list(account.open_orders.get("BTC-USDT", ()))),
                new_sz=sz,
                new_px=px,
                cancel_on_fail=give_up,
            )
        )

    @rule(who=PEOPLE, side=SIDES, sz=SIZES, trigger=PRICES, px=AT_MARKET, attached=ATTACHED)
    def place_trigger(
        self, who: str, side: str, sz: str, trigger: str, px: str, attached: list[Attached]
    ) -> None:
        self.place_algo(
            who, "trigger", side, sz, trigger_px=trigger, order_px=px, attached=attached
        )

    @rule(who=PEOPLE, kind=st.sampled_from(["conditional", "oco"]), side=SIDES, tp=LEG, sl=LEG)
    def place_stops(
        self, who: str, kind: str, side: str, tp: tuple[str, str], sl: tuple[str, str]
    ) -> None:
        self.place_algo(
            who,
            kind,
            side,
            "0.1",
            tgt="base_ccy",
            tp_trigger_px=tp[0],
            tp_order_px=tp[1],
            sl_trigger_px=sl[0],
            sl_order_px=sl[1],
        )

    @rule(who=PEOPLE, side=SIDES, sz=SIZES, active=st.one_of(PRICES, NO_PRICE))
    def place_trailing_stop(self, who: str, side: str, sz: str, active: str) -> None:
        self.place_algo(who, "move_order_stop", side, sz, callback_ratio="0.0005", active_px=active)

    @rule(who=PEOPLE, side=SIDES, sz=SIZES, part=PARTS, limit=PRICES, distance=DISTANCES)
    def place_twap(
        self, who: str, side: str, sz: str, part: str, limit: str, distance: dict[str, str]
    ) -> None:
        more = {"sz_limit": part, "px_limit": limit, "interval_s": 5, **distance}
        self.place_algo(who, "twap", side, sz, **more)

    @rule(who=PEOPLE, side=SIDES, sz=SIZES, part=PARTS, limit=PRICES, distance=DISTANCES)
    def place_iceberg(
        self, who: str, side: str, sz: str, part: str, limit: str, distance: dict[str, str]
    ) -> None:
        more = {"sz_limit": part, "px_limit": limit, **distance}
        self.place_algo(who, "iceberg", side, sz, **more)

    @rule(
        who=PEOPLE,
        side=SIDES,
        sz=SIZES,
        part=PARTS,
        manner=st.sampled_from(["radical", "mid", "conservative"]),
        parts=st.integers(1, 3),
        start=STARTS,
    )
    def place_smart_iceberg(
        self,
        who: str,
        side: str,
        sz: str,
        part: str,
        manner: str,
        parts: int,
        start: StartWhen | None,
    ) -> None:
        more = {"sz_limit": part, "aggressiveness": manner, "parts": parts, "start": start}
        self.place_algo(who, "smart_iceberg", side, sz, **more)

    def place_algo(self, who: str, kind: str, side: str, sz: str, **more: Any) -> None:
        own_id = kind if len(self.done) % 2 else ""
        self.submit(
            PlaceAlgo(
                uid=self.uids[who],
                inst="BTC-USDT",
                kind=kind,
                side=side,
                sz=sz,
                cl=own_id,
                **more,
            )
        )

    @rule(number=st.integers(0, 99))
    def cancel_algo(self, number: int) -> None:
        algos = self.exchange.state.algos
        if algo := algos.get(self.some_id(number, list(algos))):
            self.submit(CancelAlgo(uid=algo.uid, inst="BTC-USDT", algo_id=algo.algo_id))

    @rule(number=st.integers(0, 99), sz=SIZES, px=st.one_of(PRICES, st.just("0")))
    def amend_algo(self, number: int, sz: str, px: str) -> None:
        algos = self.exchange.state.algos
        if algo := algos.get(self.some_id(number, list(algos))):
            self.submit(
                AmendAlgo(
                    uid=algo.uid,
                    inst="BTC-USDT",
                    algo_id=algo.algo_id,
                    new_sz=sz,
                    new_trigger_px=px if px != "0" else "",
                    new_sl_trigger_px=px,
                )
            )

    @rule(seconds=st.sampled_from([1, 2, 5, 60]))
    def wait(self, seconds: int) -> None:
        self.now += seconds * 1000
        self.submit(Tick())

    @rule(who=PEOPLE)
    def let_go_of_all(self, who: str) -> None:
        self.submit(CancelAllAfter(uid=self.uids[who], timeout_s=10))

    @rule()
    def move_the_clock(self) -> None:
        offset = self.exchange.state.offset_ms + 86_400_000
        self.submit(MoveClock(offset_ms=offset))
        self.now += 86_400_000

    @invariant()
    def keeps_its_promises(self) -> None:
        self.exchange.validate()

    def teardown(self) -> None:
        again, halfway = Exchange(), Exchange()
        for number, command in enumerate(self.done):
            again.apply(command)
            if number == len(self.done) // 2:
                halfway = Exchange.restore(halfway.snapshot())
            halfway.apply(command)
        assert again.state_hash() == self.exchange.state_hash()
        assert halfway.state_hash() == self.exchange.state_hash()


TestAnyTrading = AnyTrading.TestCase
TestAnyTrading.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
