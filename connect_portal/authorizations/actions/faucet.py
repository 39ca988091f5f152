"""Paper money from the sandbox's faucet, a few times a day."""

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import GIFTS, GIFTS_A_DAY, Tag
from connect_portal.authorizations.errors import AlreadySent, NoGiftLeft, of_venue
from connect_portal.authorizations.models import Gift, VenueAccount
from connect_portal.kit.clock import now
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError
from connect_portal.venue.types import Environment


def give_money(account: VenueAccount, number: int, currency: str, *, actor: str) -> Gift:
    """Give the gift ``number`` of today; the same number again gives nothing more.

    Raises NoGiftLeft, AlreadySent (the number went to another currency), ExchangeAway and its kin.
    """
    gift = _promised(account, number, currency)
    if gift.given_at is not None:
        return gift
    try:
        sandbox_operator.fund(
            account.uid,
            gift.reference,
            gift.currency,
            gift.amount,
            environment=Environment(account.environment),
        )
    except VenueError as error:
        raise of_venue(error) from error
    _note(gift, actor=actor)
    return gift


def _promised(account: VenueAccount, number: int, currency: str) -> Gift:
    """The gift's row, about to be given or given already."""
    if not 1 <= number <= GIFTS_A_DAY:
        raise NoGiftLeft(limit=GIFTS_A_DAY)
    wanted = {"currency": currency, "amount": GIFTS[currency]}
    place = {"venue_account": account, "day": now().date(), "number": number}
    gift, _ = Gift.objects.get_or_create(**place, defaults=wanted)
    if gift.currency != currency:
        # One that the exchange did not confirm may be asked for in another currency.
        if not Gift.objects.filter(pk=gift.pk, given_at=None).update(**wanted):
            raise AlreadySent(look="Choose once more.")
        gift.currency, gift.amount = currency, GIFTS[currency]
    return gift


def _note(gift: Gift, *, actor: str) -> None:
    with transaction.atomic():
        gift.given_at = now()
        given = Gift.objects.filter(pk=gift.pk, given_at=None).update(given_at=gift.given_at)
        if given:
            data = {"currency": gift.currency, "amount": gift.amount, "gift": gift.reference}
            subject = f"account:{gift.venue_account_id}"
            record(Tag.MONEY_GIVEN, actor=actor, subject=subject, data=data)
