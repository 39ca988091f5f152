"""Free TCP ports on 127.0.0.1. Used by whoever starts a server here."""

import http.client
import random
import socket

from .errors import CannotStart

HOST = "127.0.0.1"
# Below the range (32768 up) from which systems take the local end of outgoing connections: a
# server that dies must find its own port free again a second later.
QUIET_RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """The `preferred` port when it is free, otherwise one that is."""
    if preferred is not None and is_free(preferred):
        return preferred
    for port in random.sample(QUIET_RANGE, 200):
        if is_free(port):
            return port
    raise CannotStart("No free port was found between 20000 and 32000 on 127.0.0.1.")


def require_free(port: int, variable: str) -> None:
    """Raise CannotStart when `port` is taken, naming the environment `variable` that moves it."""
    if not is_free(port):
        raise CannotStart(
            f"Port {port} is in use by another program: stop that program,"
            f" or choose another port with {variable}={port + 1}."
        )


def answers_http(port: int, host: str = HOST) -> bool:
    """Whether a web server on `port` of 127.0.0.1 answers, called `host`, whatever it answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/", headers={"Host": f"{host}:{port}"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
