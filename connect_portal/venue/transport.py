"""One plain HTTP exchange with limits, for control calls. Owns timeouts, size cap and the rule
that nothing is followed.

Used by `okx` and `sandbox_operator` only. It knows no venue's envelope: a status is data here,
only a missing or oversized answer is an error.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import NewConnectionError

from connect_portal.venue.errors import MalformedAnswer, OutcomeUnknown, Unavailable, VenueError
from connect_portal.venue.types import Environment

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
PAGE_TIMEOUT_S = 3.0
"""For what a page shows and asks again soon: a silent venue must not hold the site's threads."""
TOTAL_TIMEOUT_S = 15.0
MAX_BODY_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `retry_after` is in seconds, None when the header is absent or unreadable."""

    status: int
    body: bytes
    retry_after: float | None = None


def environment_headers(environment: Environment) -> dict[str, str]:
    """What tells a venue that its demo exchange is meant
    (https://www.okx.com/docs-v5/en/#overview-demo-trading-services)."""
    return {"x-simulated-trading": "1"} if environment is Environment.DEMO else {}


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    repeatable: bool = True,
    patience: float | None = None,
) -> Answer:
    """Send one request and read its whole answer.

    `repeatable=False` marks a write that must not be sent twice: when its answer is lost the
    error is OutcomeUnknown. `patience` is for how many seconds the
    far side may stay silent, READ_TIMEOUT_S unless said.
    Raises: Unavailable, MalformedAnswer (body cut or above MAX_BODY_BYTES), OutcomeUnknown.
    """
    try:
        return _exchange(method, url, headers, body, patience)
    except (requests.RequestException, OSError, MalformedAnswer) as error:
        if repeatable or _never_left(error):
            raise _lost(error) from error
        raise OutcomeUnknown(f"the answer was lost ({type(error).__name__})") from error


def _exchange(
    method: str, url: str, headers: Mapping[str, str], body: bytes, patience: float | None
) -> Answer:
    deadline = time.monotonic() + TOTAL_TIMEOUT_S
    with requests.Session() as session:
        # The environment's netrc would add an Authorization header the venue never asked for.
        session.trust_env = False
        with session.request(
            method,
            url,
            headers=dict(headers),
            data=body or None,
            timeout=(CONNECT_TIMEOUT_S, patience or READ_TIMEOUT_S),
            allow_redirects=False,
            stream=True,
        ) as response:
            return Answer(
                status=response.status_code,
                body=_read_capped(response, deadline),
                retry_after=retry_after_seconds(response.headers.get("Retry-After")),
            )


def _read_capped(response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise too_large()
        if time.monotonic() > deadline:
            raise requests.Timeout("the answer came too slowly")
    return bytes(body)


def _never_left(error: Exception) -> bool:
    """Whether no connection was made, so that the far side cannot have seen the request."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)


def _lost(error: Exception) -> VenueError:
    if isinstance(error, MalformedAnswer):
        return error
    # requests tells a body shorter than promised apart from a connection that never answered.
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return MalformedAnswer("the answer was cut short")
    return Unavailable(f"no answer ({type(error).__name__})")


def too_large() -> MalformedAnswer:
    """The refusal of an answer above MAX_BODY_BYTES."""
    return MalformedAnswer(f"the answer is larger than {MAX_BODY_BYTES} bytes")


def retry_after_seconds(header: str | None) -> float | None:
    """Read a Retry-After header, seconds or HTTP date (RFC 9110, 10.2.3); None if it says nothing
    usable. A date that has passed gives 0. Seconds to sleep, as `time.sleep` takes them."""
    if not header:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
