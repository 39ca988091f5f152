"""The REST endpoints, by the documentation's own families; importing this registers all of them."""

from connect_portal.sandbox.wire.rest import account, algos, broker, history, market, public, trade

__all__ = ["account", "algos", "broker", "history", "market", "public", "trade"]
