"""Every sentence with which the gateway says no, in one table, with its HTTP status.

Codes and statuses: https://www.okx.com/docs-v5/en/#error-code. The numbers are the venue's, so that
its clients understand them; the sentences are ours and say what to do next. What the limits of
a grant refuse has the numbers that clients act on rightly: 50027 (trading is restricted: it will
never work), 51005 (the order is too large: a smaller one works), 51008 (not enough left: wait, or
free some by cancelling).
"""

from typing import Final

SENTENCES: Final[dict[str, str]] = {
    "1": "All operations failed",
    "2": "Bulk operation partially succeeded",
    "50000": "Body for POST request cannot be empty.",
    "50001": "Service temporarily unavailable. Try again later.",
    "50002": "JSON syntax error: {}.",
    "50004": "No answer in time: the outcome is unknown. Look the order up before you repeat it.",
    "50006": 'Invalid Content-Type. Please use "application/json".',
    "50011": "Too Many Requests",
    "50013": "Systems are busy. Please try again later.",
    "50025": "A list takes 1 to {} items.",
    "50026": "System error. Try again later.",
    "50027": "The end user does not allow {} over this connection.",
    "50030": "Strategy orders are available on the API channel only",
    "50042": "This Idempotency-Key came before with another request. Use a new one.",
    "50101": (
        "This address takes access tokens, each for its own environment. Send signed requests "
        "straight to the venue."
    ),
    "50114": "Send an access token: Authorization: Bearer ...",
    "50115": "Invalid request method",
    "51000": "Parameter {} error",
    "51001": "Instrument {} does not exist, or nobody knows what its money is worth.",
    "51005": (
        "The end user allows at most {} USD an order over this connection; "
        "this one is worth {} USD."
    ),
    "51008": (
        "The end user allows {} USD a day (UTC) over this connection; {} USD are left today, "
        "this order is worth {} USD."
    ),
    "51603": "Order does not exist",
    "53000": "Invalid token. Ask the end user for consent again.",
    "53002": "The token has expired. Refresh it.",
    "53003": "The end user has ended this connection.",
    "53004": "The account or the institution is frozen.",
    "53006": "DPoP proof refused: {}.",
    "53009": "The venue no longer accepts the key behind this connection. Ask for consent again.",
    "53013": "The token does not allow this: the scope {} is needed.",
    "53014": "The address {} may not use this token.",
    "60005": 'Log in with {{"accessToken": "..."}}. Whoever has a key logs in at the venue itself.',
    "60011": "Please log in",
    "60012": "Illegal request: {}",
    "60013": "Invalid args",
    "60014": "Requests too frequent",
    "60018": "Wrong URL or {} doesn't exist. Please use the correct URL, channel and parameters.",
    "60019": "Invalid op: {}",
    "60026": "Log in with the access token alone, without a key.",
    "60028": "The op is not supported by the current URL.",
    "60031": "The WebSocket endpoint does not support multiple or repeated logins.",
    "63999": "Login failed due to internal error. Please try again later.",
    "64002": "This channel is not supported by '/business' URL. Please use '/private' URL(for"
    " private channels), or '/public' URL(for public channels).",
}
TAG_RULE: Final = "tag must be empty or the Connect code of this connection"
"""Fills the gap of 51000, the code of a parameter that is wrong: clients take it for a mistake of
theirs and do not repeat the order, and it is what the venue answers to a tag it cannot read."""
NEVER_TOLD: Final = "The venue's answer was lost, and nothing can tell what it was."
NOT_FOUND_AFTERWARDS: Final = "The venue's answer was lost. The order was looked for: not there."

_BAD_REQUEST: Final = (
    *("50000", "50002", "50004", "50006", "51000"),
    *("53000", "53002", "53003", "53004", "53009", "53013"),
)
_STATUS: Final[dict[str, int]] = {
    "50001": 503,
    "50011": 429,
    "50013": 429,
    "50026": 500,
    "50101": 401,
    "50114": 401,
    "53006": 401,
    "53014": 401,
    "50115": 405,
    **dict.fromkeys(_BAD_REQUEST, 400),
}


class Refused(Exception):
    """A refusal of a request or of one order in it; ``details`` fill the gaps of the sentence."""

    def __init__(self, code: str, *details: object, retry_after: float | None = None) -> None:
        super().__init__(code, *details)
        self.code = code
        self.text = SENTENCES[code].format(*details)
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """The HTTP status that carries this code when the whole request is refused."""
        return _STATUS.get(self.code, 200)

    @property
    def is_about_the_caller(self) -> bool:
        """Whether it is the token that is refused, not what was asked."""
        return self.status == 401 or self.code.startswith("530")
