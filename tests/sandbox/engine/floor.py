"""A floor where Alice makes and Bob takes, by an exchange of their own and a clock that we turn."""

from connect_portal.sandbox.engine.commands import AnyCommand, Faucet, OpenAccount, Place, Tick
from connect_portal.sandbox.engine.events import OrderChanged, Outcome
from connect_portal.sandbox.engine.exchange import Exchange
from connect_portal.sandbox.engine.model import Account, Fill

DAY_MS = 86_400_000
MONDAY = 1_795_392_000_000  # 2026-11-23, midnight UTC


class Floor:
    """An exchange, its people, and the hour it is: a Monday's noon to begin with."""

    def __init__(self, *names: str) -> None:
        self.exchange, self.now = Exchange(), MONDAY + DAY_MS // 2
        self.uids: dict[str, str] = {}
        for name in ("Alice", "Bob", *names):
            self.uids[name] = self.do(OpenAccount(reference=name, label=name)).value.uid

    def do(self, command: AnyCommand) -> Outcome:
        """Carry out a command now; the core checks itself."""
        command.ts = self.now
        outcome = self.exchange.apply(command)
        self.exchange.validate()
        return outcome

    def give(self, name: str, **money: str) -> None:
        """Test money, once per currency and moment."""
        for ccy, amt in money.items():
            reference = f"{ccy} {self.now}"
            self.do(Faucet(uid=self.uids[name], reference=reference, ccy=ccy, amt=amt))

    def trade(
        self, sz: str, px: str, inst: str = "BTC-USDT", *, maker: str = "sell", tag: str = ""
    ) -> list[Fill]:
        """Alice makes and Bob takes, both with the tag; their fills, the maker's first."""
        taker = "buy" if maker == "sell" else "sell"
        for name, side in (("Alice", maker), ("Bob", taker)):
            uid = self.uids[name]
            order = Place(uid=uid, inst=inst, side=side, kind="limit", sz=sz, px=px, tag=tag)
            outcome = self.do(order)
        assert outcome.code == "0"
        return fills_of(outcome)

    def sleep(self, days: int) -> None:
        """Let days go by."""
        self.now += days * DAY_MS
        self.do(Tick())

    def account(self, name: str) -> Account:
        """How the account stands."""
        return self.exchange.state.accounts[self.uids[name]]


def fills_of(outcome: Outcome) -> list[Fill]:
    """The executions that a command led to."""
    events = [event for event in outcome.events if isinstance(event, OrderChanged)]
    return [event.fill for event in events if event.fill]
