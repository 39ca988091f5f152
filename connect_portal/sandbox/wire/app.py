"""The ASGI application: the v5 wire and the operator door at one host root.

Orders come through `rpc.Rest`, plain ASGI without a framework in between: a framework would cost
more than the order itself. The operator door, which nobody races, is Starlette's.
"""

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from connect_portal.sandbox.wire import rest
from connect_portal.sandbox.wire.channels import CHANNELS_OF_PATH
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.operator import Operator
from connect_portal.sandbox.wire.rpc import NOT_FOUND, Rest, send_json
from connect_portal.sandbox.wire.ws import Connection

WS_ROOT = "/ws/v5/"
__all__ = ["App", "rest"]


class App:
    """The application over both environments of a started venue."""

    def __init__(self, venue: Venue, *, operator_key: str, operator_remote: bool = False) -> None:
        self.venue = venue
        self.rest = Rest(venue)
        operator = Operator(venue, operator_key, remote=operator_remote)
        self.door = Starlette(routes=operator.routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request to the wire or to the operator door."""
        path = scope["path"]
        if scope["type"] == "websocket":
            await self._connect(WebSocket(scope, receive, send), path)
        elif path.startswith("/api/v5/"):
            await self.rest(scope, receive, send)
        elif path.startswith("/sandbox/"):
            await self.door(scope, receive, send)
        else:
            await send_json(send, NOT_FOUND, 404)

    async def _connect(self, socket: WebSocket, path: str) -> None:
        name = path.removeprefix(WS_ROOT)
        if not path.startswith(WS_ROOT) or name not in CHANNELS_OF_PATH:
            await socket.close(1008)
        else:
            environment = self.venue.live
            await Connection(socket, name, environment.hub, environment.gate).run()
