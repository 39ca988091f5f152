"""Cancel all after: a client that stops calling in time has its open orders cancelled.

https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-cancel-all-after
"""

from connect_portal.sandbox.engine.commands import CancelAllAfter
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import BY_COUNTDOWN, withdraw
from connect_portal.sandbox.engine.world import World

ALARM = "countdown"
TAGS = 20
SECONDS_MS = 1000


def cancel_all_after(world: World, command: CancelAllAfter) -> int:
    """Start, restart or with 0 stop the countdown of a tag ("" = every order); when it strikes.

    Refuses 51071 for more than 20 tags.
    """
    account, tag = world.account(command.uid), command.tag_of_orders
    if not command.timeout_s:
        account.countdowns.pop(tag, None)
        return 0
    if tag not in account.countdowns and len(account.countdowns) >= TAGS:
        raise Refused("51071")
    at = world.now + command.timeout_s * SECONDS_MS
    account.countdowns[tag] = at
    world.set_timer(at, ALARM, f"{account.uid} {tag}")
    return at


def strike(world: World, key: str) -> None:
    """Cancel what the countdown covers, unless it was restarted or stopped meanwhile."""
    uid, _, tag = key.partition(" ")
    account = world.state.accounts[uid]
    if account.countdowns.get(tag, world.now + 1) > world.now:
        return
    del account.countdowns[tag]
    for order_id in [i for here in account.open_orders.values() for i in here]:
        order = world.state.orders[order_id]
        if not tag or order.tag == tag:
            withdraw(world, order, BY_COUNTDOWN)
