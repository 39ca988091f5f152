"""Orders that a person places and cancels on the page of an own account.

What becomes of an order is the venue's to tell, so there is no line in the trail for each.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from django.core.cache import cache

from connect_portal.authorizations.actions.page_keys import page_key, renew_page_key
from connect_portal.authorizations.errors import AlreadySent, OutcomeUnclear
from connect_portal.authorizations.models import VenueAccount
from connect_portal.kit.errors import Refusal
from connect_portal.venue.errors import KeyRefused, OutcomeUnknown, VenueError
from connect_portal.venue.port import Desk
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Environment, NewOrder

KEPT_S: Final = 24 * 3600
"""How long a form that was sent is known."""
LOOK: Final = "Look at your open orders and fills before you send it again."
# The key is of the other environment, its passphrase or signature is wrong, or it does not exist:
# https://www.okx.com/docs-v5/en/#error-code. Any other refusal would meet the next key too.
_GONE: Final = {"50101", "50105", "50111", "50113", "50119"}

Result = TypeVar("Result")


def at_desk(account: VenueAccount, work: Callable[[Desk], Result], *, actor: str) -> Result:
    """Do ``work`` with the account at the venue; a key that is gone is replaced once.

    Raises VenueError. Not to be called inside a transaction.
    """
    place, environment = venue(account.venue), Environment(account.environment)
    try:
        return work(place.desk(page_key(account, actor=actor), environment))
    except KeyRefused as refused:
        if refused.venue_code not in _GONE:
            raise
        return work(place.desk(renew_page_key(account, refused, actor=actor), environment))


def place_order(account: VenueAccount, order: NewOrder, *, actor: str) -> str:
    """Place an order, once for its client order id; the venue's id of it.

    Raises OrderRefused and its kin VenueError, AlreadySent, OutcomeUnclear.
    """
    sent = f"page-order:{account.pk}:{order.client_order_id}"
    if not cache.add(sent, True, KEPT_S):
        return _found(account, order, AlreadySent(look=LOOK), actor=actor)
    try:
        return at_desk(account, lambda desk: desk.place(order), actor=actor)
    except OutcomeUnknown:
        return _found(account, order, OutcomeUnclear(look=LOOK), actor=actor)
    except VenueError:
        cache.delete(sent)
        raise


def cancel_order(account: VenueAccount, instrument: str, order_id: str, *, actor: str) -> None:
    """Cancel an open order. Raises VenueError, OutcomeUnclear."""
    try:
        at_desk(account, lambda desk: desk.cancel(instrument, order_id), actor=actor)
    except OutcomeUnknown as error:
        raise OutcomeUnclear(look="Look whether it is still among your open orders.") from error


def _found(account: VenueAccount, order: NewOrder, otherwise: Refusal, *, actor: str) -> str:
    """The venue's id of an order that was sent; raises ``otherwise`` where it cannot be told."""
    number = order.client_order_id
    try:
        found = at_desk(account, lambda desk: desk.placed(order.instrument, number), actor=actor)
    except VenueError as error:
        raise otherwise from error
    if found is None:
        raise otherwise
    return found.order_id
