"""Where prices go: each coin strays from home and is pulled back, at its own temper.

Pairs of one coin share its walk, so that BTC-USDT and BTC-USDC never drift apart.
"""

import math
import random

from connect_portal.sandbox.market.manners import Manners

DAY_S = 86_400
PULL_S = DAY_S / 2  # after this long, most of what brought a price away from home is forgotten
FARTHEST = 0.2
IMPACT = 0.3  # how much of a move that people made the market believes


class Walks:
    """How far each coin is from home, as a share of its price; `now` counts seconds."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.away: dict[str, float] = {}
        self.moved_at: dict[str, float] = {}

    def mid(self, its: Manners) -> float:
        """The middle of the market, in ticks."""
        return its.home * (1 + self.away.get(its.pair.base, 0.0))

    def start(self, its: Manners, px: int) -> None:
        """Go on from a price in ticks, where this coin has no place yet."""
        self.away.setdefault(its.pair.base, _near(px / its.home - 1))

    def follow(self, its: Manners, px: int) -> None:
        """Move some of the way to the price, in ticks, that people have made."""
        away = self.away[its.pair.base]
        self.away[its.pair.base] = _near(away + (px / its.home - 1 - away) * IMPACT)

    def move(self, its: Manners, now: float) -> None:
        """Let the pair's coin stray for the time since it last did."""
        seconds = now - self.moved_at.get(its.pair.base, 0.0)
        self.moved_at[its.pair.base] = now
        stray = self.dice.gauss(0, its.daily * math.sqrt(seconds / DAY_S))
        self.away[its.pair.base] = _near(
            self.away[its.pair.base] * math.exp(-seconds / PULL_S) + stray
        )


def _near(away: float) -> float:
    return max(-FARTHEST, min(FARTHEST, away))
