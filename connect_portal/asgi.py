"""Composition of the web process: one port, two roads.

Ordinary pages go through Django's WSGI handler in threads, which costs a third of its ASGI
handler; live streams are plain ASGI beside it and hold no thread and no database connection.
"""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connect_portal.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from starlette.applications import Starlette
from starlette.routing import Mount

pages = get_wsgi_application()

from connect_portal.kit.checks import refuse_to_serve_unsound  # noqa: E402  (needs Django set up)
from connect_portal.monitoring.live.app import hub  # noqa: E402
from connect_portal.monitoring.live.app import routes as live_routes  # noqa: E402

refuse_to_serve_unsound()

in_threads: Any = WSGIMiddleware(cast("Any", pages), workers=8)

application = Starlette(routes=[*live_routes, Mount("/", in_threads)], lifespan=hub.open)
