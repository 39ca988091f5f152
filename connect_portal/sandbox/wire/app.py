"""The sandbox at one host root: the v5 wire, the operator door, files of rebates, WebSockets.

Whatever comes in is answered by the one whose path it is; see `http1` for how it comes in.
"""

import logging
from collections.abc import Awaitable
from typing import Any

from connect_portal.sandbox.wire import rest
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.http1.messages import Answer, Request
from connect_portal.sandbox.wire.operator import Operator
from connect_portal.sandbox.wire.reports import ROOT, Files
from connect_portal.sandbox.wire.rpc import NOT_FOUND, Rest, json_answer, refusal
from connect_portal.sandbox.wire.ws.reception import Reception
from connect_portal.sandbox.wire.ws.socket import Socket

__all__ = ["App", "rest"]
log = logging.getLogger(__name__)


class App:
    """Answers for both environments of a started venue."""

    def __init__(self, venue: Venue, *, operator_key: str, operator_remote: bool = False) -> None:
        self.venue = venue
        self.rest = Rest(venue)
        self.files = Files(venue)
        self.reception = Reception(venue)
        self.door = Operator(venue, operator_key, remote=operator_remote)

    def answer(self, request: Request) -> Awaitable[Answer]:
        """What the wire answers, or whoever else the path belongs to."""
        if request.path.startswith("/api/v5/"):
            return self.rest.answer(request)
        return self._answer_elsewhere(request)

    async def _answer_elsewhere(self, request: Request) -> Answer:
        try:
            if request.path.startswith("/sandbox/"):
                return await self.door.answer(request)
            if request.path.startswith(ROOT):
                return await self.files.answer(request)
        except Exception:
            log.exception("%s %s broke", request.method, request.path)
            return refusal(WireError("50026"))
        return json_answer(NOT_FOUND, 404)

    def misread(self, part: str) -> Answer:
        """What is no HTTP is refused as the wire refuses: 50115 for its method, 51000 otherwise."""
        return refusal(WireError("50115") if part == "method" else WireError("51000", part))

    def open_socket(self, connections: set[Any]) -> Socket:
        """A WebSocket, see `ws.socket`."""
        return self.reception.socket(connections)
