"""Any commands in any order: no balance below zero, the world sums to zero, replay is identical."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connect_portal.sandbox.engine.commands import (
    Amend,
    AnyCommand,
    Cancel,
    CancelAlgo,
    Faucet,
    OpenAccount,
    Place,
    PlaceAlgo,
)
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.exchange import Exchange

PEOPLE = st.sampled_from(["Alice", "Bob", "Mallory"])
SIDES = st.sampled_from(["buy", "sell"])
SIZES = st.integers(1, 40).map(lambda n: f"{n / 100:.2f}")
PRICES = st.integers(-8, 8).map(lambda n: str(50_000 + n * 10))
KINDS = st.sampled_from(["limit", "limit", "limit", "post_only", "ioc", "fok", "market"])
STP = st.sampled_from(["cancel_maker", "cancel_taker", "cancel_both"])


class AnyTrading(RuleBasedStateMachine):
    """Three people with little money trade against each other in every way there is."""

    @initialize()
    def open_accounts(self) -> None:
        self.exchange, self.done = Exchange(), list[AnyCommand]()
        self.uids: dict[str, str] = {}
        for name in ("Alice", "Bob", "Mallory"):
            self.uids[name] = self.submit(OpenAccount(reference=name, label=name)).value.uid
            for ccy, amt in (("BTC", "1"), ("USDT", "40000")):
                self.submit(Faucet(uid=self.uids[name], reference=ccy, ccy=ccy, amt=amt))

    def submit(self, command: AnyCommand) -> Outcome:
        command.ts = 1_700_000_000_000 + 250 * len(self.done)
        self.done.append(command)
        return self.exchange.apply(command)

    def some_id(self, number: int, ids: list[int]) -> int:
        return ids[number % len(ids)] if ids else 1

    @rule(who=PEOPLE, side=SIDES, kind=KINDS, sz=SIZES, px=PRICES, stp=STP, quote=st.booleans())
    def place(
        self, who: str, side: str, kind: str, sz: str, px: str, stp: str, quote: bool
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

    @rule(who=PEOPLE, side=SIDES, sz=SIZES, trigger=PRICES, px=st.one_of(PRICES, st.just("-1")))
    def place_trigger(self, who: str, side: str, sz: str, trigger: str, px: str) -> None:
        self.submit(
            PlaceAlgo(
                uid=self.uids[who],
                inst="BTC-USDT",
                kind="trigger",
                side=side,
                sz=sz,
                trigger_px=trigger,
                order_px=px,
                tag="ABCD",
            )
        )

    @rule(who=PEOPLE, number=st.integers(0, 99))
    def cancel_trigger(self, who: str, number: int) -> None:
        algo_id = self.some_id(number, list(self.exchange.state.algos))
        self.submit(CancelAlgo(uid=self.uids[who], inst="BTC-USDT", algo_id=algo_id))

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
