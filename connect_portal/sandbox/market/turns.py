"""What the market wants to happen on one pair when it is the pair's turn."""

import random

from connect_portal.sandbox.engine.book import OPPOSITE
from connect_portal.sandbox.engine.commands import AnyCommand, MassQuote, Place
from connect_portal.sandbox.engine.quoting import quotes_of
from connect_portal.sandbox.engine.units import plain
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.market import ladder
from connect_portal.sandbox.market.ladder import Quotes, rough
from connect_portal.sandbox.market.manners import Manners, manners_of
from connect_portal.sandbox.market.walk import Walks

LEVELS_MET = 5  # so many levels' worth of people's crossing orders are met in one turn
SPREAD_OF_SIZES = 0.8
NEVER, AGAIN = 0, -1


class Turns:
    """Decides for a quoting and a taking account; changes nothing but its own memory.

    `quoted` counts the quotes of each pair, `seen` is the last trade of each that it knows of.
    """

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world = world
        self.dice = dice
        self.walks = Walks(dice)
        self.manners = {name: manners_of(pair) for name, pair in world.instruments.items()}
        self.quoted = dict.fromkeys(self.manners, 0)
        self.seen = dict.fromkeys(self.manners, NEVER)
        self.unmet: set[str] = set()
        self.quoter = self.taker = ""

    def start(self, name: str) -> int:
        """Go on from the pair's last price, or begin near home; the price in ticks."""
        its, last = self.manners[name], self._last(name)[1]
        self.walks.start(its, last or round(self.dice.gauss(its.home, its.home * its.daily / 2)))
        return last or round(self.walks.mid(its))

    def touched(self) -> list[str]:
        """Pairs that have traded since they were last looked at."""
        return [name for name, seen in self.seen.items() if seen != self._last(name)[0]]

    def look(self, name: str) -> None:
        """Take the pair's trades as known, unless there is more to meet."""
        self.seen[name] = AGAIN if name in self.unmet else self._last(name)[0]

    def take(self, name: str, now: int) -> list[AnyCommand]:
        """Meet what people offer beyond our price, replace all quotes around it, trade a little."""
        its, (trade_id, last) = self.manners[name], self._last(name)
        if self.seen[name] not in (NEVER, trade_id):
            self.walks.follow(its, last)
        self.walks.move(its, now)
        self.quoted[name] += 1
        self.unmet.discard(name)
        mid = self.walks.mid(its)
        bids = ladder.bids(its, mid, self.quoted[name])
        asks = ladder.asks(its, mid, self.quoted[name])
        meeting: list[AnyCommand] = []
        if bid := self._meet(its, "buy", asks[0][0], meeting):
            asks = ladder.asks(its, bid, self.quoted[name])
        if ask := self._meet(its, "sell", bids[0][0], meeting):
            bids = ladder.bids(its, ask, self.quoted[name])
        return [*meeting, self._quote(its, bids, asks), self._small_trade(its)]

    def _quote(self, its: Manners, bids: Quotes, asks: Quotes) -> MassQuote:
        """Only what differs from what stands: few quotes change from turn to turn."""
        name = its.pair.inst_id
        standing = quotes_of(self.world, self.world.account(self.quoter), name)
        return MassQuote(
            uid=self.quoter,
            inst=name,
            bids=ladder.changes({o.px: o.open_lots for o in standing if o.buys}, bids),
            asks=ladder.changes({o.px: o.open_lots for o in standing if not o.buys}, asks),
        )

    def _meet(self, its: Manners, side: str, limit: int, meeting: list[AnyCommand]) -> int:
        """Trade with people's orders at our limit or better; the best of their prices, or 0."""
        name, most = its.pair.inst_id, LEVELS_MET * its.level_lots
        lots = best = 0
        for order_id, px, open_lots in self.world.books[name].queue(side):
            if lots >= most or (px < limit if side == "buy" else px > limit):
                break
            if self.world.state.orders[order_id].uid != self.quoter:
                lots, best = lots + open_lots, best or px
        if best:
            size, opposite = min(max(lots, its.pair.min_lots), most), OPPOSITE[side]
            meeting.append(
                Place(
                    uid=self.taker,
                    inst=name,
                    side=opposite,
                    kind="ioc",
                    px=plain(limit * its.pair.tick),
                    sz=plain(size * its.pair.lot),
                )
            )
            self.unmet.add(name)
        return best

    def _small_trade(self, its: Manners) -> Place:
        share = self.dice.lognormvariate(0, SPREAD_OF_SIZES)
        lots = max(its.pair.min_lots, rough(round(its.trade_lots * share)))
        side = self.dice.choice(("buy", "sell"))
        return Place(
            uid=self.taker,
            inst=its.pair.inst_id,
            side=side,
            kind="market",
            sz=plain(lots * its.pair.lot),
            tgt="base_ccy",
        )

    def _last(self, name: str) -> tuple[int, int]:
        """Number and price of the pair's last trade, in ticks; zeros before the first."""
        tape = self.world.state.tapes[name]
        return tape.last_trade_id, tape.last_px
