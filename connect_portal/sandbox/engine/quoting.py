"""Mass quotes: a market maker replaces all it shows on one pair with one command."""

from connect_portal.sandbox.engine.commands import MassQuote
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import BY_USER, withdraw
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Order
from connect_portal.sandbox.engine.world import World


def mass_quote(world: World, command: MassQuote) -> int:
    """Withdraw the account's quotes on a pair and rest the new ones; how many rest.

    A quote that would trade at once or that the account cannot pay for is left out. Refuses 51009
    to an account that is no market maker.
    """
    account, pair = world.account(command.uid), world.instrument(command.inst)
    if account.kind != MAKER_ACCOUNT:
        raise Refused("51009")
    for order_id in list(account.open_orders.get(pair.inst_id, ())):
        withdraw(world, world.state.orders[order_id], BY_USER)
    book, clearing = world.books[pair.inst_id], world.clearings[pair.inst_id]
    resting = account.open_orders.setdefault(pair.inst_id, {})
    for buys, quotes in ((True, command.bids), (False, command.asks)):
        for px, lots in quotes:
            order = Order(0, account.uid, buys, px, lots, inst=pair.inst_id, lots=lots)
            if px <= 0 or lots <= 0 or book.crosses(order):
                continue
            try:
                clearing.hold(order)
            except Refused:
                continue
            order.order_id = order.priority = world.next_id()
            order.created = order.updated = world.now
            world.state.orders[order.order_id] = order
            resting[order.order_id] = None
            book.add(order)
    world.outcome.books.add(pair.inst_id)
    return len(resting)
