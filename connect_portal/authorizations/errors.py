"""The refusals of this room, each beside the form field it belongs to."""

from connect_portal.kit.errors import Refusal


class InstitutionNotOpen(Refusal):
    """The institution takes no API keys, or not now."""

    code = "binding.institution_not_open"
    sentence = "This institution does not take API keys at the moment."
    hint = "Choose another, or ask the institution."
    field = "institution"


class KeyRefused(Refusal):
    """The venue does not accept this key."""

    code = "binding.key_refused"
    sentence = "The venue refused this key: {reason}."
    hint = "Copy key, secret and passphrase again from the venue's API page."
    field = "api_key"


class KeyCanWithdraw(Refusal):
    """A key that moves money out is never taken."""

    code = "binding.can_withdraw"
    sentence = "This key may withdraw money, so it is not taken."
    hint = "Create a key at the venue without the withdraw permission and bind that one."
    field = "api_key"


class AccountTaken(Refusal):
    """One venue account belongs to one person here."""

    code = "binding.account_taken"
    sentence = "This venue account is already bound by another person."
    hint = "Sign in as that person, or use a key of your own account."
    field = "api_key"


class VenueAway(Refusal):
    """The venue did not answer; nothing was stored."""

    code = "binding.venue_away"
    sentence = "The venue does not answer right now, so the key could not be checked."
    hint = "Nothing was stored. Try again in a minute."


class NotYourBinding(Refusal):
    """There is no such binding for this person, or it has ended."""

    code = "binding.unknown"
    sentence = "There is no such connection, or it has already ended."
