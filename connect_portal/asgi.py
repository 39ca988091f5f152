"""Composition of the web process: one port, two roads.

Ordinary pages go through Django's WSGI handler in threads, which costs a third of its ASGI
handler; live streams and the gateway are plain ASGI beside it and hold no thread and no database
connection while they wait.
"""

import gc
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connect_portal.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

pages = get_wsgi_application()

from connect_portal.gateway.wire.app import gateway  # noqa: E402  (needs Django set up)
from connect_portal.gateway.wire.calls import BASE  # noqa: E402
from connect_portal.gateway.wire.ws.app import routes as socket_routes  # noqa: E402
from connect_portal.gateway.wire.ws.app import sockets  # noqa: E402
from connect_portal.kit.checks import refuse_to_serve_unsound  # noqa: E402
from connect_portal.kit.logs import WithoutSecrets  # noqa: E402
from connect_portal.monitoring.live.app import hub  # noqa: E402
from connect_portal.monitoring.live.app import routes as live_routes  # noqa: E402

refuse_to_serve_unsound()
logging.getLogger("uvicorn.access").addFilter(WithoutSecrets())

RARELY = (50_000, 20, 100)
"""When the collector looks for cycles: an order makes hundreds of objects and none of these."""
gc.freeze()  # what is loaded stays for good, and need not be looked at
gc.set_threshold(*RARELY)

in_threads: Any = WSGIMiddleware(cast("Any", pages), workers=8)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """What is open while this process serves."""
    async with hub.open(), gateway.open() as means, sockets.open(means):
        yield


site = Starlette(
    routes=[*live_routes, *socket_routes, Mount("/", in_threads)],
    lifespan=lifespan,
)
NOT_THE_GATEWAYS = "/api/v5/users/oauth/token"
"""Django's, though its address lies among the gateway's."""


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The gateway's requests go straight to it: a router costs a tenth of an order's time."""
    is_request = scope["type"] == "http" and scope["path"].startswith(BASE)
    if is_request and scope["path"] != NOT_THE_GATEWAYS:
        await gateway(scope, receive, send)
    else:
        await site(scope, receive, send)
