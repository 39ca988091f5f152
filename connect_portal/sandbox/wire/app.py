"""The ASGI application: the v5 wire and the operator door at one host root."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire import rest
from connect_portal.sandbox.wire.auth import Gatekeeper
from connect_portal.sandbox.wire.channels import CHANNELS_OF_PATH
from connect_portal.sandbox.wire.hub import Hub
from connect_portal.sandbox.wire.operator import Operator
from connect_portal.sandbox.wire.requests import RequestLog
from connect_portal.sandbox.wire.rpc import NOT_FOUND, Rest, json_answer
from connect_portal.sandbox.wire.ws import Connection

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
__all__ = ["build_app", "rest"]


def build_app(store: Store, *, operator_key: str, operator_remote: bool = False) -> Starlette:
    """The application over a started store. Its hub is `app.state.hub`."""
    log, gate, hub = RequestLog(), Gatekeeper(store.exchange.state.keys), Hub(store)
    operator = Operator(store, log, operator_key, remote=operator_remote)
    api = Rest(store, gate, log)

    async def answer(request: Request) -> Response:
        return await api(request)

    async def connect(socket: WebSocket) -> None:
        path = socket.path_params["path"]
        if path not in CHANNELS_OF_PATH:
            return await socket.close(1008)
        await Connection(socket, path, hub, gate).run()

    async def not_found(request: Request, error: Exception) -> Response:
        return json_answer(NOT_FOUND, 404)

    app = Starlette(
        routes=[
            *operator.routes(),
            Route("/api/v5/{rest:path}", answer, methods=METHODS),
            WebSocketRoute("/ws/v5/{path}", connect),
        ],
        exception_handlers={404: not_found},
    )
    app.state.hub = hub
    return app
