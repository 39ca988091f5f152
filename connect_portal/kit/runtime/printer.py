"""Lines of many programs on one screen: a prefix each, a colour each where there is a terminal.

Used by the supervisor and the `up` command only.
"""

import os
import sys
from contextlib import suppress
from typing import TextIO

WIDTH = 13  # of the longest name: collectstatic
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)


class Printer:
    """Writes `name | line`. A reader that goes away (a closed pipe) never stops the site."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        """One line that `name` wrote."""
        prefix = f"{name:<{WIDTH}}|"
        if self._coloured:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self.plain(f"{prefix} {text}")

    def plain(self, text: str) -> None:
        """Text without a prefix."""
        with suppress(OSError, ValueError):
            self._stream.write(text + "\n")
            self._stream.flush()
