"""How many strategy orders of a kind may wait on one instrument.

https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading and the codes 51260-51263, 51299.
"""

from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.model import Account
from connect_portal.sandbox.engine.world import World

STOPS = frozenset({"conditional", "oco"})
PLANS = frozenset({"trigger"})
TRAILS = frozenset({"move_order_stop"})
ICEBERGS = frozenset({"iceberg", "smart_iceberg"})
TWAPS = frozenset({"twap"})
LIMITS = {
    STOPS: (100, "51261"),
    PLANS: (500, "51299"),
    TRAILS: (50, "51260"),
    ICEBERGS: (100, "51262"),
    TWAPS: (20, "51263"),
}


def refuse_full(world: World, account: Account, inst: str, kind: str) -> None:
    """Refuses 51260-51263 or 51299 where as many of a family wait as may."""
    family = next(kinds for kinds in LIMITS if kind in kinds)
    most, code = LIMITS[family]
    waiting = account.open_algos.get(inst, ())
    if len(waiting) >= most:
        here = sum(world.state.algos[algo_id].kind in family for algo_id in waiting)
        if here >= most:
            raise Refused(code, str(most))
