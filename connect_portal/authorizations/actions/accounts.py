"""Venue accounts: known as somebody's, or opened for them where the venue is the sandbox."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import PLAY_MONEY, Tag
from connect_portal.authorizations.errors import (
    AccountTaken,
    ExchangeAway,
    ExchangeBusy,
    ExchangeRefuses,
    NoAccountHere,
    NotYourAccount,
    VenueAway,
    of_venue,
)
from connect_portal.authorizations.models import VenueAccount
from connect_portal.authorizations.queries import accounts_of
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError
from connect_portal.venue.types import Environment


@transaction.atomic
def adopt_account(
    owner_id: int,
    venue: str,
    uid: str,
    *,
    actor: str,
    environment: Environment = Environment.LIVE,
) -> VenueAccount:
    """Know the account ``uid`` at ``venue`` as the person's. Raises AccountTaken."""
    account, is_new = VenueAccount.objects.get_or_create(
        venue=venue, environment=environment, uid=uid, defaults={"owner_id": owner_id}
    )
    if account.owner_id != owner_id:
        raise AccountTaken()
    if is_new:
        data = {"owner": owner_id, "uid": uid, "environment": environment}
        record(Tag.ACCOUNT_ADOPTED, actor=actor, subject=f"account:{account.pk}", data=data)
    return account


def account_to_use(
    owner_id: int,
    account_id: int | None,
    *,
    actor: str,
    environment: Environment = Environment.LIVE,
) -> VenueAccount:
    """The chosen account of a person in an environment; without a choice, the one opened for them
    at the sandbox. In the sandbox's demo environment it has play money from its first use on, so
    that a test client's first order finds some.

    Raises NotYourAccount, NoAccountHere (a venue that opens none for us), VenueAway.
    """
    try:
        account = _chosen_or_opened(owner_id, account_id, environment, actor=actor)
        if environment is Environment.DEMO and sandbox_operator.available():
            give_play_money(account.uid)
    except (ExchangeAway, ExchangeBusy, ExchangeRefuses, VenueError) as refusal:
        raise VenueAway() from refusal
    return account


def _chosen_or_opened(
    owner_id: int, account_id: int | None, environment: Environment, *, actor: str
) -> VenueAccount:
    if account_id is None:
        return open_account(owner_id, environment, actor=actor)
    chosen = accounts_of(owner_id, environment).filter(pk=account_id).first()
    if chosen is None:
        raise NotYourAccount()
    return chosen


def give_play_money(uid: str) -> None:
    """Give a demo account at the sandbox what a test of a client takes; again gives nothing more.
    Raises VenueError."""
    for currency, amount in PLAY_MONEY.items():
        once = f"certification-{uid}-{currency}"
        sandbox_operator.fund(uid, once, currency, amount, environment=Environment.DEMO)


def open_account(owner_id: int, environment: Environment, *, actor: str) -> VenueAccount:
    """The account that the sandbox keeps for a person in an environment, opened on first need.

    Raises NoAccountHere (a venue that opens none for us), ExchangeAway and its kin.
    """
    if not sandbox_operator.available():
        raise NoAccountHere(venue=settings.VENUE_NAME)
    owner = get_user_model().objects.get(pk=owner_id)
    # The moment tells the persons of two databases apart that share one sandbox.
    reference = f"person-{owner_id}-{owner.joined_at:%Y%m%d%H%M%S%f}"
    try:
        label = str(owner)[:100] or reference
        uid = sandbox_operator.open_account(reference, label, environment=environment)
    except VenueError as error:
        raise of_venue(error) from error
    return adopt_account(owner_id, settings.VENUE_NAME, uid, actor=actor, environment=environment)
