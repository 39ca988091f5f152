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


class SecretWrong(Refusal):
    """The key is known; what it signs does not hold."""

    code = "binding.secret_wrong"
    sentence = "The venue refused the signature that this secret makes."
    hint = "Copy the secret again, or create a new key: a venue shows a secret only once."
    field = "secret"


class PassphraseWrong(Refusal):
    """The key is known; its passphrase is another."""

    code = "binding.passphrase_wrong"
    sentence = "The venue refused this passphrase."
    hint = "It is the one you chose when you created the key, not your password."
    field = "passphrase"


class AddressNotAllowed(Refusal):
    """The key works from listed addresses only, and ours is not among them."""

    code = "binding.address_not_allowed"
    sentence = "The venue accepts this key from other network addresses only."
    hint = "Add the address of this site to the key at the venue, or remove the restriction."
    field = "api_key"


class KeyMayTooMuch(Refusal):
    """A key is taken for reading and trading alone: one that moves money out never is."""

    code = "binding.may_too_much"
    sentence = "This key may also {extra}, so it is not taken."
    hint = "Create a key at the venue that may read and trade only, and bind that one."
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
