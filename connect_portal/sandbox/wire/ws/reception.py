"""The way in for every WebSocket: one per process, for both environments.

`https://www.okx.com/docs-v5/en/#overview-demo-trading-services`: clients in demo mode add
`?brokerId=9999` to the address; behind a login it is the key that says which environment is meant.
"""

from http import HTTPStatus
from typing import Any

import msgspec

from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.rpc import NOT_FOUND, refusal
from connect_portal.sandbox.wire.ws.connection import Connection
from connect_portal.sandbox.wire.ws.limits import Limits, Pace
from connect_portal.sandbox.wire.ws.socket import Socket
from connect_portal.sandbox.wire.ws.topics import PATHS

ROOT, DEMO = "/ws/v5/", "brokerId=9999"


class Reception:
    """Lets clients in."""

    def __init__(self, venue: Venue, limits: Limits | None = None) -> None:
        self.venue, self.limits = venue, limits or Limits()
        self.pace = Pace(self.limits)

    def socket(self, connections: set[Any]) -> Socket:
        """What becomes of a connection that asks for an upgrade."""
        return Socket(self, connections)

    def serves(self, target: str) -> bool:
        """Whether a request target is one of the three paths."""
        path = target.partition("?")[0]
        return path.startswith(ROOT) and path.removeprefix(ROOT) in PATHS

    def refusal(self, status: int) -> bytes:
        """What is said where nothing is, to a crowd, and to an opening that is none."""
        if status == HTTPStatus.NOT_FOUND:
            return msgspec.json.encode(NOT_FOUND)
        crowded = status == HTTPStatus.TOO_MANY_REQUESTS
        answer = refusal(WireError("50011") if crowded else WireError("51000", "header"))
        assert isinstance(answer.body, bytes)
        return answer.body

    def talk(self, socket: Socket, target: str) -> Connection:
        """Begin to serve a client."""
        path, _, query = target.partition("?")
        simulated = DEMO in query.split("&")
        environment = self.venue.demo if simulated else self.venue.live
        return Connection(socket, path.removeprefix(ROOT), self, environment)
