"""Venue accounts: known as somebody's, or opened for them where the venue is the sandbox."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import Tag
from connect_portal.authorizations.errors import (
    AccountTaken,
    NoAccountHere,
    NotYourAccount,
    VenueAway,
)
from connect_portal.authorizations.models import VenueAccount
from connect_portal.authorizations.queries import accounts_of
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError


@transaction.atomic
def adopt_account(owner_id: int, venue: str, uid: str, *, actor: str) -> VenueAccount:
    """Know the account ``uid`` at ``venue`` as the person's. Raises AccountTaken."""
    account, is_new = VenueAccount.objects.get_or_create(
        venue=venue, uid=uid, defaults={"owner_id": owner_id}
    )
    if account.owner_id != owner_id:
        raise AccountTaken()
    if is_new:
        data = {"owner": owner_id, "uid": uid}
        record(Tag.ACCOUNT_ADOPTED, actor=actor, subject=f"account:{account.pk}", data=data)
    return account


def account_to_use(owner_id: int, account_id: int | None, *, actor: str) -> VenueAccount:
    """The chosen account of a person; without a choice, the one opened for them at the sandbox.

    Raises NotYourAccount, NoAccountHere (a venue that opens none for us), VenueAway.
    """
    if account_id is not None:
        chosen = accounts_of(owner_id).filter(pk=account_id).first()
        if chosen is None:
            raise NotYourAccount()
        return chosen
    if not sandbox_operator.available():
        raise NoAccountHere(venue=settings.VENUE_NAME)
    owner = get_user_model().objects.get(pk=owner_id)
    # The moment tells the persons of two databases apart that share one sandbox.
    reference = f"person-{owner_id}-{owner.joined_at:%Y%m%d%H%M%S%f}"
    try:
        uid = sandbox_operator.open_account(reference, str(owner)[:100] or reference)
    except VenueError as error:
        raise VenueAway() from error
    return adopt_account(owner_id, settings.VENUE_NAME, uid, actor=actor)
