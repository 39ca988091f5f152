"""API keys of a sandbox account, made and deleted for its owner at the operator door."""

import hashlib
from collections.abc import Collection, Mapping

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import Tag
from connect_portal.authorizations.errors import NotYourKey, OutcomeUnclear, of_venue
from connect_portal.authorizations.models import VenueAccount
from connect_portal.authorizations.queries import made_keys
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import OutcomeUnknown, VenueError
from connect_portal.venue.types import Credentials, Environment


def make_api_key(
    account: VenueAccount,
    *,
    name: str,
    permissions: Collection[str],
    ips: Collection[str],
    passphrase: str,
    actor: str,
) -> Credentials:
    """Make a key; its secret is in this answer and nowhere else.

    Raises OutcomeUnclear, ExchangeAway and its kin.
    """
    try:
        made = sandbox_operator.create_key(
            account.uid,
            name,
            passphrase,
            permissions,
            ips,
            environment=Environment(account.environment),
        )
    except OutcomeUnknown as error:
        look = f"If a key named {name} is in the list, delete it: its secret was lost on the way."
        raise OutcomeUnclear(look=look) from error
    except VenueError as error:
        raise of_venue(error) from error
    data = {"name": name, "permissions": list(permissions), "addresses": list(ips)}
    _note(Tag.API_KEY_MADE, account, made.api_key, actor=actor, data=data)
    return made


def delete_api_key(account: VenueAccount, api_key: str, *, actor: str) -> None:
    """Delete a key of the account that its owner made; it stops working at once.

    Raises NotYourKey, ExchangeAway and its kin.
    """
    environment = Environment(account.environment)
    try:
        listed = sandbox_operator.keys(account.uid, environment=environment)
        found = next((key for key in listed if key.api_key == api_key), None)
        if found is None or found.label in made_keys(account):
            raise NotYourKey()
        sandbox_operator.delete_key(account.uid, api_key, environment=environment)
    except VenueError as error:
        raise of_venue(error) from error
    _note(Tag.API_KEY_DELETED, account, api_key, actor=actor, data={"name": found.label})


def _note(
    tag: Tag, account: VenueAccount, api_key: str, *, actor: str, data: Mapping[str, object]
) -> None:
    fingerprint = hashlib.sha256(api_key.encode()).hexdigest()
    about = {"uid": account.uid, "environment": account.environment, "key": fingerprint}
    with transaction.atomic():
        record(tag, actor=actor, subject=f"account:{account.pk}", data={**about, **data})
