"""What the log must not hold: an address may carry a secret that works for whoever reads it.

An invitation, the proof of an email address, the reset of a password, a code that a browser
brings: `asgi` sets this filter before the web process's access log.
"""

import logging
import re
from typing import Final

_TOKEN: Final = re.compile(r"(?<=/)(?=[^/]*[0-9A-Z])[^/]{20,}")
"""A part of a path that is long and no word; the parts of our own addresses are shorter, or plain
words with hyphens."""
_PATH: Final = 2
"""The place of the address in what uvicorn says of a request."""


class WithoutSecrets(logging.Filter):
    """Leaves the query out of the addresses in uvicorn's access log, and shortens tokens."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every line through, with a harmless address."""
        if isinstance(record.args, tuple) and len(record.args) > _PATH:
            said = list(record.args)
            said[_PATH] = harmless(str(said[_PATH]))
            record.args = tuple(said)
        return True


def harmless(address: str) -> str:
    """A request's address without what may be secret in it."""
    path, mark, _ = address.partition("?")
    return _TOKEN.sub(lambda token: f"{token[0][:4]}…", path) + (f"{mark}…" if mark else "")
