"""The live exchange behind the fault proxy, for the tests of this folder."""

from tests.faults.exchange import exchange, no_broker, proxy, running_exchange, running_proxy

__all__ = ["exchange", "no_broker", "proxy", "running_exchange", "running_proxy"]
