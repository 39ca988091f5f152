"""Fixtures: a connection to the portal's private path, logged in for Acme."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.client import connect

from connect_portal.authorizations.models import Grant
from tests.gateway.conftest import token_for
from tests.sandbox.sockets import Socket

ORDERS = {"channel": "orders", "instType": "ANY"}


@contextmanager
def opened(portal: str, path: str = "private", **options: Any) -> Iterator[Socket]:
    """A connection to a path of the portal."""
    address = f"{portal.replace('http', 'ws', 1)}/ws/v5/{path}"
    with connect(address, compression=None, **options) as raw:
        yield Socket(raw)


def log_in(socket: Socket, token: str, **more: Any) -> Any:
    """Log in with a token; what was answered."""
    return socket.ask({"op": "login", "args": [{"accessToken": token}], **more})


@pytest.fixture
def token(grant: Grant) -> str:
    """Acme's access token."""
    return token_for(grant)


@pytest.fixture
def acme_socket(portal: str, token: str) -> Iterator[Socket]:
    """Acme's program on the private path."""
    with opened(portal) as socket:
        assert log_in(socket, token)["event"] == "login"
        yield socket


def text_of(message: Any) -> str:
    """A message as a client writes it."""
    return json.dumps(message)
