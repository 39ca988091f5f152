"""Our sandbox as it is served, with one addition: the moment at which each command was applied.

`python -m tests.benchmarks.stamped STAMPS FOLDER PORT KEY quiet`. The command is on disk by then
and nobody has heard of it: the stamp comes before the exchange tells anybody, at our expense.
"""

import os
import sys
import time
from typing import Any
from unittest.mock import patch

from connect_portal.sandbox import serve
from connect_portal.sandbox.engine.exchange import Exchange


def main() -> int:
    """Serve with stamps: one line each, in nanoseconds of the monotonic clock."""
    stamps = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    apply = Exchange.apply

    def stamp(exchange: Exchange, *command: Any) -> Any:
        outcome = apply(exchange, *command)
        os.write(stamps, b"%d\n" % time.monotonic_ns())
        return outcome

    with patch.object(Exchange, "apply", stamp):
        return serve.main()


if __name__ == "__main__":
    sys.exit(main())
