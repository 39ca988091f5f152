"""Why a key is not bound: the refusals of the form, each beside the field it belongs to."""

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


class KeyCannotTrade(Refusal):
    """A key that only reads serves nobody here: the institution could not trade with it."""

    code = "binding.cannot_trade"
    sentence = "This key may only read, so no institution could trade with it."
    hint = "Create a key at the venue that may read and trade, and bind that one."
    field = "api_key"


class KeyOfElsewhere(Refusal):
    """The venue's site knows no such key: it is gone, or it belongs to another region's site."""

    code = "binding.elsewhere"
    sentence = "{host} knows no such key."
    hint = (
        "A key works at the site of its own region only. If yours was made at another site, it "
        "cannot be bound here; if it was made at this one, it has been deleted: create a new key."
    )
    field = "api_key"


class KeyOfDemo(Refusal):
    """A key of demo trading, given where orders are real."""

    code = "binding.of_demo"
    sentence = "This key belongs to the venue's demo trading, and only live accounts are bound."
    hint = "Leave demo trading at the venue, create a key there, and bind that one."
    field = "api_key"


class KeyBound(Refusal):
    """One key serves one institution: whose orders came with it could not be told otherwise."""

    code = "binding.key_bound"
    sentence = "This key is already bound for {institution}."
    hint = "Create another key for this institution, or end that connection first."
    field = "api_key"
