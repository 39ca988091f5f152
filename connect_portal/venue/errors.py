"""Why a venue call failed, in our words. Each refusal has a stable code and knows if it may be
retried.

`retryable` means that the same call may be made again later without harm. A permanent refusal
needs a person or another key. Sentences for pages live with the app that shows them.
"""


class VenueError(Exception):
    """A call to the venue did not give an answer that can be used.

    `code` is ours and stable; `venue_code` is the venue's own number where it gave one;
    `retry_after` is in seconds, None where the venue asked for no particular wait.
    """

    code = "venue.failed"
    retryable = False

    def __init__(
        self, message: str, *, venue_code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.venue_code = venue_code
        self.retry_after = retry_after

    def __str__(self) -> str:
        number = f" ({self.venue_code})" if self.venue_code else ""
        return f"{self.code}{number}: {self.message}"


class Throttled(VenueError):
    """Too many calls: back off, other accounts may go on."""

    code = "venue.throttled"
    retryable = True


class Unavailable(VenueError):
    """The venue is down, busy, silent or hung up; nothing was learnt."""

    code = "venue.unavailable"
    retryable = True


class ClockSkewed(VenueError):
    """Our time and the venue's differ by more than it allows."""

    code = "venue.clock_skewed"
    retryable = True


class MalformedAnswer(VenueError):
    """The answer is not what the wire promises: cut, HTML, wrong types. It is refused whole.

    Retryable, for most such answers come from something between us and the venue and pass;
    one that stays is for an alarm to notice.
    """

    code = "venue.malformed_answer"
    retryable = True


class KeyRefused(VenueError):
    """The key itself is no good: deleted, wrong passphrase, wrong address, too few rights.

    Permanent: the binding is broken until its owner mends it, and calling on hammers the venue.
    """

    code = "venue.key_refused"


class OutcomeUnknown(VenueError):
    """A write was sent and no answer came: it may or may not have happened. Look before repeating.

    Never retryable as it stands.
    """

    code = "venue.outcome_unknown"


class Refused(VenueError):
    """The venue understood and said no, for a reason that will not pass by itself."""

    code = "venue.refused"


class OrderRefused(Refused):
    """The venue took no order. `about` names what it minds: instrument, side, kind, price, size,
    tag, or "" where it is none of these."""

    code = "venue.order_refused"

    def __init__(self, message: str, *, venue_code: str = "", about: str = "") -> None:
        super().__init__(message, venue_code=venue_code)
        self.about = about
