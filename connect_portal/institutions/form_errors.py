"""Why something of the application form is not taken, each beside the field it belongs to."""

from connect_portal.kit.errors import Refusal


class TermsChanged(Refusal):
    """One accepts what one has read."""

    code = "application.terms_changed"
    field = "terms"
    sentence = "Version {version} of the terms is in force now."
    hint = "Read it and accept it."


class FileRefused(Refusal):
    """A file that is not what it should be, or carries what it should not."""

    code = "document.refused"
    field = "file"
    sentence = "{reason}"


class FileTooLarge(Refusal):
    """Larger than anybody needs for a paper."""

    code = "document.too_large"
    field = "file"
    sentence = "A file has at most {most} MB; this one is larger, and nothing of it was kept."
    hint = "Save it smaller, or in parts."


class ExpiryMissing(Refusal):
    """Some papers run out."""

    code = "document.expiry_missing"
    field = "expires_on"
    sentence = "Say until when it is valid."


class Expired(Refusal):
    """A paper that has run out proves nothing."""

    code = "document.expired"
    field = "expires_on"
    sentence = "It expired on {day:%Y-%m-%d}: hand in a valid one."


class TooMany(Refusal):
    """Everything has an end."""

    code = "application.too_many"
    sentence = "{most} {what} at most."


class OwnKeyRefused(Refusal):
    """The key of the company's own account is not one that only reads it."""

    code = "venue_key.refused"
    field = "api_key"
    sentence = "{reason}"
