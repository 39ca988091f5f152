"""A seeded market: what the sandbox shows when nobody else trades. Used by `serve` alone.

`walk` says where prices go, `ladder` which quotes stand around a price, `maker` turns both into
ordinary commands of two accounts. A walk is no amount, so it may be a float: every quote and every
trade is whole ticks and lots before it becomes a command.
"""

from connect_portal.sandbox.market.maker import MarketMaker

__all__ = ["MarketMaker"]
