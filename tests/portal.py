"""The portal's own web process in a thread: real sockets, the test database, real Redis."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


@contextmanager
def served() -> Iterator[str]:
    """Serve the site on a free port of the loopback; yields its base URL."""
    from connect_portal.asgi import application

    config = uvicorn.Config(
        application,
        port=0,
        log_level="warning",
        timeout_graceful_shutdown=1,
        lifespan="on",
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the web process did not start")
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
