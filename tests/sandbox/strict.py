"""The sandbox as it is served, with limits that a test can wait for.

`python -m tests.sandbox.strict FOLDER PORT KEY quiet LIMITS`, where LIMITS is JSON.
"""

import json
import sys
from unittest.mock import patch

from connect_portal.sandbox import serve
from connect_portal.sandbox.wire.ws import books, reception
from connect_portal.sandbox.wire.ws.limits import Limits

QUIET_S = 0.3


def main() -> int:
    """Serve until told to stop."""
    limits = Limits(**json.loads(sys.argv.pop()))
    with patch.object(reception, "Limits", lambda: limits), patch.object(books, "QUIET_S", QUIET_S):
        return serve.main()


if __name__ == "__main__":
    sys.exit(main())
