"""The ASGI application: the v5 wire and the operator door at one host root.

WebSockets do not come here: uvicorn hands them to `App.reception`, see `ws.socket`.
Orders come through `rpc.Rest`, plain ASGI without a framework in between: a framework would cost
more than the order itself. The operator door, which nobody races, is Starlette's. A file of rebates
has a link of its own, as at the venue.
"""

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from connect_portal.sandbox.wire import rest
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.operator import Operator
from connect_portal.sandbox.wire.reports import ROOT, Files
from connect_portal.sandbox.wire.rpc import NOT_FOUND, Rest, send_json
from connect_portal.sandbox.wire.ws.reception import Reception

__all__ = ["App", "rest"]


class App:
    """The application over both environments of a started venue."""

    def __init__(self, venue: Venue, *, operator_key: str, operator_remote: bool = False) -> None:
        self.venue = venue
        self.rest = Rest(venue)
        self.files = Files(venue)
        self.reception = Reception(venue)
        operator = Operator(venue, operator_key, remote=operator_remote)
        self.door = Starlette(routes=operator.routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request to the wire, to the operator door, or to a file of rebates."""
        path = scope["path"]
        if path.startswith("/api/v5/"):
            await self.rest(scope, receive, send)
        elif path.startswith("/sandbox/"):
            await self.door(scope, receive, send)
        elif path.startswith(ROOT):
            await self.files(scope, receive, send)
        else:
            await send_json(send, NOT_FOUND, 404)
