"""What opens the account behind a grant: a key made for it at the sandbox; at any other venue the
venue's own tokens, or else the key that the person has bound for the same institution."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from connect_portal.authorizations.actions import probing, venue_keys
from connect_portal.authorizations.actions.accounts import adopt_account
from connect_portal.authorizations.enums import BindingState, Scope
from connect_portal.authorizations.errors import KeyMissing
from connect_portal.authorizations.models import Binding, Grant, VenueAccount, VenueKey
from connect_portal.venue import sandbox_operator
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials, Environment, TokenPair


@dataclass(frozen=True, slots=True)
class Backing:
    """One of the three; none of them for a grant that only allows to have a key made."""

    key: VenueKey | None = None
    credentials: Credentials | None = None
    pair: TokenPair | None = None
    bound_key: Binding | None = None

    def put_behind(self, grant: Grant) -> None:
        """Seal it for a new grant, in the transaction that saves it."""
        grant.venue_key, grant.bound_key = self.key, self.bound_key
        if self.key is not None:
            venue_keys.claim(self.key)
        if self.credentials is not None:
            grant.keep(self.credentials)
        if self.pair is not None:
            grant.keep_pair(self.pair)


NOTHING: Final = Backing()


def backing_for(account: VenueAccount, institution_id: int, scopes: Collection[Scope]) -> Backing:
    """What can stand behind a grant on the account. Raises KeyMissing, VenueAway."""
    if Scope.FAST_API in scopes:
        return NOTHING
    if sandbox_operator.available():
        key = venue_keys.promise(account)
        return Backing(key=key, credentials=venue_keys.make(key, scopes))
    bound = account.bindings.filter(institution_id=institution_id, state=BindingState.BOUND)
    working = bound.first()
    if working is None:
        raise KeyMissing()
    return Backing(bound_key=working)


def account_opened_by(
    pair: TokenPair, owner_id: int, environment: Environment, *, actor: str
) -> VenueAccount:
    """The account that the venue's tokens open, known as the person's from now on.

    Raises AccountTaken, VenueAway and what a key can be refused for.
    """
    report = probing.ask(pair.access)
    return adopt_account(owner_id, venue().name, report.uid, actor=actor, environment=environment)
