"""Mass quotes: a market maker changes what it shows on one pair with one command."""

from connect_portal.sandbox.engine.commands import MassQuote
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.matching import BY_USER, Market, withdraw
from connect_portal.sandbox.engine.model import MAKER_ACCOUNT, Account, Order
from connect_portal.sandbox.engine.world import World


def mass_quote(world: World, command: MassQuote) -> int:
    """Withdraw the account's quotes at the prices named, then rest the new ones; how many rest.

    A quote that would trade at once or that the account cannot pay for is left out. Refuses 51009
    to an account that is no market maker.
    """
    account, pair = world.account(command.uid), world.instrument(command.inst)
    if account.kind != MAKER_ACCOUNT:
        raise Refused("51009")
    bids, asks = ({px for px, _ in quotes} for quotes in (command.bids, command.asks))
    for order in quotes_of(world, account, pair.inst_id):
        if order.px in (bids if order.buys else asks):
            withdraw(world, order, BY_USER)
    market = world.markets[pair.inst_id]
    for buys, quotes in ((True, command.bids), (False, command.asks)):
        for px, lots in quotes:
            if px > 0 and lots > 0 and not market.book.crosses(buys, px):
                quote = Order(0, account.uid, account.number, buys, px, lots)
                _quote(world, market, account, quote)
    world.outcome.books.add(pair.inst_id)
    return len(account.open_orders.get(pair.inst_id, ()))


def quotes_of(world: World, account: Account, inst: str) -> list[Order]:
    """What the account shows on the instrument now."""
    return [world.state.orders[order_id] for order_id in account.open_orders.get(inst, ())]


def _quote(world: World, market: Market, account: Account, order: Order) -> None:
    """Rest one quote, if the account can pay for it."""
    try:
        market.clearing.hold(order.owner, order.buys, order.px, order.lots)
    except Refused:
        return
    order.inst = market.pair.inst_id
    order.order_id = order.priority = world.next_id()
    order.created = order.updated = world.now
    world.remember(account, order)
    market.rest(order)
