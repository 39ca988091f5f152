"""The refusals of this room, each beside the form field it belongs to."""

from typing import ClassVar, Final

from connect_portal.kit.errors import Refusal
from connect_portal.venue.errors import Throttled, VenueError


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


class NotYourAccount(Refusal):
    """The chosen venue account belongs to somebody else, or to nobody."""

    code = "grant.not_your_account"
    sentence = "This venue account is not yours."
    hint = "Choose another."
    field = "account"


class NoAccountHere(Refusal):
    """A venue that opens no account for us."""

    code = "grant.no_account"
    sentence = "No account at {venue} is known as yours."
    hint = "Bind an API key of it first."
    field = "account"


class NoKeyForGrants(Refusal):
    """Behind a grant stands a key made for it alone, and only the sandbox makes one for us."""

    code = "grant.no_venue_key"
    sentence = "Connecting this way works with the sandbox exchange only."
    hint = "Bind an API key instead."


class KeyMissing(Refusal):
    """At a venue that makes no keys for us, and has no consent of its own for us."""

    code = "grant.no_bound_key"
    sentence = "This account has no working key that is bound for this institution."
    hint = "Bind one under My connections first, then come back."
    field = "account"


class VenueDenied(Refusal):
    """The person, or the venue, said no on the venue's page."""

    code = "grant.venue_denied"
    sentence = "The exchange gave no permission, so nothing was connected."
    hint = "Allow it again to go there once more."


class AccountElsewhere(Refusal):
    """The venue answered for an account on another of its sites."""

    code = "grant.account_elsewhere"
    sentence = "The account that you chose lives on another site of the exchange."
    hint = "Choose one of the site that this portal works with."


class ClientNotOpen(Refusal):
    """The institution is suspended, or not on this channel."""

    code = "grant.client_not_open"
    sentence = "This institution cannot connect accounts at the moment."
    hint = "Nothing was stored. Ask the institution."


class ProofNeeded(Refusal):
    """Wider limits than those that stand are for whoever has just signed in."""

    code = "grant.proof_needed"
    sentence = "These limits allow more than before, so sign in once more first."


class ExchangeAway(Refusal):
    """The exchange did not answer; nothing was changed there."""

    code = "account.exchange_away"
    sentence = "The exchange does not answer."
    hint = "Nothing was changed. Try again in a minute."


class ExchangeBusy(Refusal):
    """The exchange counts requests, and these were too many."""

    code = "account.exchange_busy"
    sentence = "The exchange takes no more requests for the moment."
    hint = "Nothing was changed. Try again in a few seconds."


class ExchangeRefuses(Refusal):
    """The exchange answered and said no, for a reason that no field of ours has."""

    code = "account.exchange_refuses"
    sentence = "The exchange refuses: {reason}."


def of_venue(error: VenueError) -> Refusal:
    """What a person is told of a call that failed."""
    if isinstance(error, Throttled):
        return ExchangeBusy()
    if error.retryable:
        return ExchangeAway()
    return ExchangeRefuses(reason=error.message.rstrip("."))


class OutcomeUnclear(Refusal):
    """Something was sent and no answer came: it may or may not have happened."""

    code = "account.outcome_unclear"
    sentence = "The exchange did not confirm, so nobody knows whether it happened."
    hint = "{look}"


class AlreadySent(Refusal):
    """A form that was sent twice; the first one counts."""

    code = "account.already_sent"
    sentence = "This form was already sent, and it counts once."
    hint = "{look}"


class NoGiftLeft(Refusal):
    """The faucet gives so often a day."""

    code = "faucet.no_gift_left"
    sentence = "All {limit} gifts of today are given."
    hint = "The next day begins at 00:00 UTC."
    field = "currency"


class NotYourKey(Refusal):
    """There is no such key, or it is one that ends with what it was made for."""

    code = "api_key.unknown"
    sentence = "There is no such key that could be deleted here. It may be gone already."


class TooManySecrets(Refusal):
    """A few at a time are enough to change one for the next."""

    code = "client.too_many_secrets"
    sentence = "A client has at most {most} secrets."
    hint = "Revoke one that is no longer used, then make the next."


class NoSuchSecret(Refusal):
    """It belongs to somebody else, or was revoked before."""

    code = "client.no_such_secret"
    sentence = "There is no such secret, or it has already been revoked."


class PublicKeepsNoSecret(Refusal):
    """What runs on other people's devices is held by PKCE, not by a secret (RFC 6749, 2.1)."""

    code = "client.public_keeps_no_secret"
    sentence = "A public client has no secret."


class NoLogo(Refusal):
    """What was given as a logo is none."""

    code = "client.no_logo"
    sentence = "{reason}"
    field = "logo"


class NoClientYet(Refusal):
    """A client is made when technical access is confirmed."""

    code = "client.none"
    sentence = "There is no OAuth client yet."


class NoSuchRedirect(Refusal):
    """It belongs to somebody else, was decided before, or is none."""

    code = "redirect.unknown"
    sentence = "There is no such redirect URI to decide about, or somebody was faster."


class RedirectKnown(Refusal):
    """It is approved, or waits."""

    code = "redirect.known"
    sentence = "This redirect URI is approved already, or waits for it."
    field = "uri"


class TooManyRedirects(Refusal):
    """A few at a time are enough."""

    code = "redirect.too_many"
    sentence = "{most} redirect URIs at most; withdraw one that is no longer used."
    field = "uri"


class NotYourPart(Refusal):
    """Two persons of two roles decide, and each makes one step."""

    code = "redirect.not_your_part"
    sentence = "This step is made by somebody else: {who}."


class TokenRefused(Refusal):
    """A Bearer token that opens nothing; ``venue_code`` is the number on the v5 wire.

    The numbers are OKX's (https://www.okx.com/docs-v5/broker_en/#error-code).
    """

    code = "token.invalid"
    venue_code: ClassVar[str] = "53000"
    sentence = "Access token invalid."


class TokenExpired(TokenRefused):
    """Its hour is over, or its grant ran out."""

    code = "token.expired"
    venue_code = "53002"
    sentence = "Access token expired."


class TokenRevoked(TokenRefused):
    """Its grant was ended, or a newer token took its place."""

    code = "token.revoked"
    venue_code = "53003"
    sentence = "Access token revoked."


class TokenFrozen(TokenRefused):
    """Its institution is suspended, or its person may not sign in any more."""

    code = "token.frozen"
    venue_code = "53004"
    sentence = "Account frozen."


class TokenTooNarrow(TokenRefused):
    """It is good, and not for this."""

    code = "token.too_narrow"
    venue_code = "53013"
    sentence = "The token does not allow this: the scope {scope} is needed."


OKX_OAUTH: Final = {
    "50001": (503, "Service temporarily unavailable. Try again later."),
    "50004": (
        400,
        "No answer in time: the outcome is unknown. Delete the key and ask for another.",
    ),
    "50115": (405, "Invalid request method"),
    "53001": (400, "The authorization was canceled. Ask the end user for consent again."),
    "53002": (400, "The token has expired."),
    "53003": (400, "The token was revoked: the end user has ended this connection."),
    "53004": (400, "The account or the institution is frozen."),
    "53005": (400, "The refresh token is wrong, or was used before."),
    "53009": (400, "The authorization failed: {}."),
    "53010": (400, "Parameter {} error"),
    "53011": (400, "Parameter {} can not be empty."),
    "53012": (400, "The code is unknown, expired or used, or belongs to another domain."),
    "53013": (400, "The token does not allow this: the scope {} is needed."),
    "53014": (401, "The address {} is not on the client's list."),
    "53015": (400, "Parameter {} is too long."),
    "53016": (400, "redirect_uri is not the one of the authorization."),
    "53017": (400, "Fast API is not enabled for this client."),
    "50116": (200, "Fast API can only create one API key"),
    "59506": (200, "API key does not exist"),
}
"""Status and sentence of each number of OKX's OAuth dialect that this room says.

https://www.okx.com/docs-v5/broker_en/#error-code. 53000 and 53006 are said by the gateway; 53018
speaks of another site, of which there is none, and 53007 and 53008 are not in use.
"""


class OkxRefusal(Exception):
    """A refusal in OKX's OAuth dialect; ``about`` fills the gap of its sentence."""

    def __init__(self, number: str, about: str = "") -> None:
        super().__init__(number, about)
        self.number = number
        self.status, sentence = OKX_OAUTH[number]
        self.text = sentence.format(about)


class ProofRefused(TokenRefused):
    """The proof that a key is held (RFC 9449) is missing, wrong, old, or was used before."""

    code = "token.proof_refused"
    venue_code = "53006"
    sentence = "DPoP proof refused: {reason}."


class NothingToDecide(Refusal):
    """A proposal that somebody else decided before, or none at all."""

    code = "ending.nothing_to_decide"
    sentence = "There is no such proposal to decide about, or somebody was faster."
