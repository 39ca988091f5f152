"""What the items of a request weigh against a grant's limits. It may ask the venue, so it is done
before any statement."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from connect_portal.authorizations.queries import Bearer
from connect_portal.gateway import notional
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.queries import held_for
from connect_portal.gateway.rules import WEIGHTLESS, Asked, Weight
from connect_portal.gateway.wire.means import Means
from connect_portal.kit.money import plain
from connect_portal.venue.errors import Refused as RefusedByVenue
from connect_portal.venue.types import VenueOrder


async def weigh(means: Means, bearer: Bearer, asked: Sequence[Asked]) -> list[Weight]:
    """A weight for each item; none where the grant has no limit of money. Raises VenueError."""
    if not bearer.limits.hold_money:
        return [WEIGHTLESS] * len(asked)
    return [await _weight(means, bearer, one) for one in asked]


async def _weight(means: Means, bearer: Bearer, asked: Asked) -> Weight:
    try:
        if asked.is_strategy or not bearer.limits.allows(asked.instrument):
            return WEIGHTLESS
        match asked.operation:
            case Operation.PLACE:
                weight = await _of_order(means, bearer, asked)
            case Operation.AMEND:
                weight = await _of_amendment(means, bearer, asked)
            case _:
                return WEIGHTLESS
    except Refused as refused:
        return Weight(refused=refused)
    return weight if bearer.limits.most_per_day is not None else replace(weight, adds=Decimal(0))


async def _of_order(means: Means, bearer: Bearer, asked: Asked) -> Weight:
    quote = await means.prices.quote(asked.instrument, bearer.environment)
    worth = notional.of_order(asked.terms, quote)
    return Weight(worth=worth, adds=worth, usd=quote.usd)


async def _of_amendment(means: Means, bearer: Bearer, asked: Asked) -> Weight:
    """What the amended order is worth beyond what it holds already; one that is made smaller weighs
    nothing. The order is read at the venue, for it may have been amended past the gateway.

    It may also be amended between that look and ours: so the venue is told the order, its price
    and its size as they were weighed, also where the caller leaves one of them.
    """
    order, price_now = await _open_order(means, bearer, asked)
    quote = await means.prices.quote(order.instrument, bearer.environment)
    price, size = notional.amended(asked.terms, price_now, order.size)
    pinned = {"ordId": order.order_id}
    if asked.terms.price or asked.terms.size:
        pinned |= {"newPx": plain(price), "newSz": plain(size)}
    worth = notional.of_limit(order.side, price, size, quote)
    is_no_more = worth <= notional.of_limit(order.side, price_now, order.size, quote)
    is_known = order.tag == bearer.connect_code
    if is_no_more and (is_known or _is_less(order.side, price_now, order.size, price, size)):
        return Weight(pinned=pinned)
    held = await held_for(means.database, bearer.grant_id, order.order_id)
    return Weight(
        worth=worth,
        adds=max(worth - held, Decimal(0)),
        usd=quote.usd,
        client_order_id=order.client_order_id,
        order_id=order.order_id,
        pinned=pinned,
    )


async def _open_order(means: Means, bearer: Bearer, asked: Asked) -> tuple[VenueOrder, Decimal]:
    """The order that an amendment names, and its price. Raises Refused: 51000 without an id, 51603
    for none that has a price; VenueError."""
    if not (asked.order_id or asked.client_order_id):
        raise Refused("51000", "ordId")
    try:
        order = await means.way.placed(
            bearer.credentials,
            asked.instrument,
            asked.client_order_id,
            order_id=asked.order_id,
            environment=bearer.environment,
        )
    except RefusedByVenue as error:
        raise Refused("51603") from error
    if order is None or order.price is None:
        raise Refused("51603")
    return order, order.price


def _is_less(
    side: str, price_now: Decimal, size_now: Decimal, price: Decimal, size: Decimal
) -> bool:
    """Whether an order is made neither larger nor more eager. One that others placed was weighed by
    nobody: far from the market it is worth much and never filled."""
    is_more_eager = price > price_now if side == "buy" else price < price_now
    return size <= size_now and not is_more_eager
