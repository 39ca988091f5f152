"""The REST endpoints, by the documentation's own families; importing this registers all of them."""

from connect_portal.sandbox.wire.rest import (
    account,
    algos,
    bills,
    brakes,
    broker,
    funding,
    history,
    market,
    modes,
    public,
    trade,
)

__all__ = [
    "account",
    "algos",
    "bills",
    "brakes",
    "broker",
    "funding",
    "history",
    "market",
    "modes",
    "public",
    "trade",
]
