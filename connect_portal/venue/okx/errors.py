"""OKX's numbers as our refusals. The one place that knows what a number means for a caller.

https://www.okx.com/docs-v5/en/#error-code. A number not listed is `Refused`: permanent, until
someone has read what it means.
"""

from connect_portal.venue.errors import (
    ClockSkewed,
    KeyRefused,
    MalformedAnswer,
    Refused,
    Throttled,
    Unavailable,
    VenueError,
)
from connect_portal.venue.transport import Answer

ORDER_NOT_FOUND = "51603"
LOGIN_FAILED = "60009"
KEY_CHANGED_CLOSE = 4007

SAMPLE_BYTES = 200

_MEANING: dict[type[VenueError], tuple[str, ...]] = {
    # 50011 request rate, 50040 too frequent, 50061 order rate of the account; 600xx WebSocket.
    Throttled: ("50011", "50040", "50061", "60014", "60023"),
    # 50001 down, 50004 timed out, 50013 busy, 50026 system error, 51149 timed out;
    # 53002 access token expired: the next one is on its way;
    # 60009 login failed for no reason given, 63999 and 64007 internal, 64008 about to restart.
    Unavailable: (
        "50001", "50004", "50013", "50026", "51149", "53002", "60009", "63999", "64007", "64008",
    ),
    # 50102 REST timestamp outside 30 s, 60004 and 60006 the same at login.
    ClockSkewed: ("50102", "60004", "60006"),
    # 50008 user missing, 50100 frozen, 50101 other environment, 50105 passphrase, 50110 address,
    # 50111 key, 50113 signature, 50114 authorization, 50118 address sharing, 50119 no such key,
    # 50120 permission, 50121 address; OAuth: 53000 token, 53001 canceled, 53003 revoked, 53004
    # frozen, 53005 refresh token, 53009 failed, 53013 scope; 60005 key, 60007 signature, 60024
    # passphrase, 60032 no key.
    KeyRefused: (
        "50008", "50100", "50101", "50105", "50110", "50111", "50113", "50114", "50118", "50119",
        "50120", "50121", "53000", "53001", "53003", "53004", "53005", "53009", "53013",
        "60005", "60007", "60024", "60032",
    ),
}  # fmt: skip

CLASS_OF: dict[str, type[VenueError]] = {
    number: refusal for refusal, numbers in _MEANING.items() for number in numbers
}


def refusal(number: str, message: str, answer: Answer | None = None) -> VenueError:
    """The error for an envelope whose code is not "0"; an unlisted number falls to its status."""
    by_status = _class_of_status(answer.status) if answer else None
    return CLASS_OF.get(number, by_status or Refused)(
        message or "no reason given",
        venue_code=number,
        retry_after=answer.retry_after if answer else None,
    )


def unreadable(answer: Answer, reason: str) -> VenueError:
    """The error for a body that is not the v5 envelope: the status may still say enough."""
    refused_by_status = _class_of_status(answer.status)
    if refused_by_status:
        return refused_by_status(f"HTTP {answer.status}", retry_after=answer.retry_after)
    if answer.status == 404:
        return Refused("the venue knows no such address", venue_code="404")
    sample = answer.body[:SAMPLE_BYTES].decode(errors="replace")
    return MalformedAnswer(f"HTTP {answer.status}, {reason}: {sample!r}")


def _class_of_status(status: int) -> type[VenueError] | None:
    if status == 429:
        return Throttled
    return Unavailable if status >= 500 else None
