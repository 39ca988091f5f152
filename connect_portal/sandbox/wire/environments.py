"""Live and demo: two exchanges on one host, each with its own keys, balances, books and listeners.

A request says with `x-simulated-trading: 1` that it means demo; a WebSocket means the environment
of the key it logs in with. https://www.okx.com/docs-v5/en/#overview-demo-trading-services
"""

from dataclasses import dataclass

from connect_portal.sandbox.engine.model import Key
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.auth import Gatekeeper
from connect_portal.sandbox.wire.faults import Switchboard
from connect_portal.sandbox.wire.request_log import RequestLog
from connect_portal.sandbox.wire.ws.hub import Hub

SIMULATED = b"x-simulated-trading"


@dataclass(frozen=True)
class Environment:
    """One exchange and everything that serves it."""

    store: Store
    gate: Gatekeeper
    hub: Hub
    log: RequestLog
    faults: Switchboard


class Venue:
    """Both environments of one host."""

    def __init__(self, live: Store, demo: Store) -> None:
        self.live, self.demo = _environment(live, demo), _environment(demo, live)

    @property
    def both(self) -> tuple[Environment, Environment]:
        """Live, then demo."""
        return self.live, self.demo

    def meant_by(self, simulated: bytes | str | None) -> Environment:
        """The environment that the value of the header asks for."""
        return self.demo if simulated in (b"1", "1") else self.live

    def of_key(self, api_key: str) -> Environment:
        """The environment that knows the key; live for one that nobody knows."""
        return self.demo if api_key in self.demo.gate.keys else self.live

    def known(self, api_key: str) -> tuple[Environment, Key] | None:
        """Whose key that is or once was, and where; None for one that was never used here."""
        for each in self.both:
            key = each.gate.keys.get(api_key) or each.log.seen(api_key)
            if key is not None:
                return each, key
        return None


def _environment(store: Store, other: Store) -> Environment:
    gate = Gatekeeper(store.exchange.state, other.exchange.state.keys)
    return Environment(store, gate, Hub(store), RequestLog(), Switchboard(store))
