"""Ask the venue what a key may do, and refuse in our words what cannot be bound."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from connect_portal.authorizations import rules
from connect_portal.authorizations.errors import VenueAway
from connect_portal.authorizations.key_errors import (
    AddressNotAllowed,
    KeyCannotTrade,
    KeyMayTooMuch,
    KeyOfDemo,
    KeyOfElsewhere,
    KeyRefused,
    PassphraseWrong,
    SecretWrong,
)
from connect_portal.kit.errors import Refusal
from connect_portal.venue.errors import VenueError
from connect_portal.venue.registry import venue
from connect_portal.venue.types import AccountKey, Credentials, KeyReport

_REFUSAL_OF: Final[dict[str, type[Refusal]]] = {
    "50101": KeyOfDemo,
    "50105": PassphraseWrong,
    "50110": AddressNotAllowed,
    "50113": SecretWrong,
}
"""Which field a venue's number speaks of (https://www.okx.com/docs-v5/en/#error-code); any other
refusal is shown beside the key, in the venue's own words."""
_NO_SUCH_KEY: Final = "50119"
"""Also what a site answers to a key of another region's site."""


def ask(credentials: AccountKey) -> KeyReport:
    """What the venue says of a key. Raises KeyRefused and its kin, VenueAway."""
    try:
        return venue().probe(credentials)
    except VenueError as error:
        raise _in_our_words(error) from error


def ask_for_binding(credentials: Credentials) -> KeyReport:
    """The same of a key that is about to be bound. Raises KeyMayTooMuch, KeyCannotTrade too."""
    report = ask(credentials)
    if extra := rules.excess(report):
        raise KeyMayTooMuch(extra=", ".join(extra))
    if not rules.can_trade(report):
        raise KeyCannotTrade()
    return report


def _in_our_words(error: VenueError) -> Refusal:
    if error.retryable:
        return VenueAway()
    if error.venue_code == _NO_SUCH_KEY:
        return KeyOfElsewhere(host=urlsplit(settings.VENUE_URL).netloc)
    if refusal := _REFUSAL_OF.get(error.venue_code):
        return refusal()
    return KeyRefused(reason=error.message.rstrip("."))
