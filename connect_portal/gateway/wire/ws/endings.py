"""How conversations end: the close codes and what they say.

https://www.okx.com/docs-v5/en/#error-code-websocket-close-frame
"""

from dataclasses import dataclass
from typing import Final

TOO_LARGE, LOGIN_FAILED, NO_REQUESTS, SILENT, UNREAD, BROKEN, GONE, FULL = (
    *(1009, 4001, 4002, 4004, 4005, 4006, 4007, 4008),
)
REASONS: Final = {
    TOO_LARGE: "A message may have 64 KB.",
    LOGIN_FAILED: "Login failed.",
    NO_REQUESTS: "Invalid request",
    SILENT: "No data received in 30s.",
    UNREAD: "Buffer is full, cannot write data.",
    BROKEN: "Abnormal disconnection",
    GONE: "The connection to the end user's account has ended.",
    FULL: "Too many connections.",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ends; ``code`` is 0 when the client has left by itself."""

    code: int
    event: str = ""
