"""The gateway: `/api/v5/*` on the portal's port, plain ASGI beside Django's pages.

A request waits for the database twice at most and holds a connection only then: statements run on
the event loop itself, without threads and without the ORM, which costs most of a fast order's time.
Pushes of the venue tell the sync of new orders by themselves, so nothing is enqueued here.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.db import DatabaseError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire import answers, fast_api
from connect_portal.gateway.wire.answers import Answer
from connect_portal.gateway.wire.calls import Call, read_call
from connect_portal.gateway.wire.endpoints import Kind
from connect_portal.gateway.wire.means import Means, open_means
from connect_portal.gateway.wire.orders import carry_out, whole_refusal
from connect_portal.gateway.wire.reads import read
from connect_portal.gateway.wire.watched import watch
from connect_portal.venue.errors import VenueError

log = logging.getLogger(__name__)


class Gateway:
    """The ASGI application; `open` runs while the process serves."""

    def __init__(self) -> None:
        self._means: Means | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Means]:
        """Keep connections to the venue and the database while this is open."""
        async with open_means() as means:
            self._means = means
            yield means
        self._means = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        await answer.tell(send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """One answer in the venue's words, whatever happens."""
        call: Call | None = None
        try:
            call = await read_call(scope, receive)
            answer = await self._carry_out(call) if call else answers.not_found()
        except Refused as refused:
            answer = answers.refusal(refused)
        except VenueError as error:
            answer = answers.refusal(whole_refusal(error))
        except DatabaseError as error:
            log.error("%s refused, the database is away: %s", scope["path"], error)
            answer = answers.refusal(Refused("50001"))
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("%s %s broke", scope["method"], scope["path"])
            answer = answers.refusal(Refused("50026"))
        if call is not None and self._means is not None:
            watch(self._means, call, answer)
        return answer

    async def _carry_out(self, call: Call) -> Answer:
        means = self._means
        if means is None:
            raise Refused("50001")
        if call.endpoint.kind is Kind.FAST_API:
            return await fast_api.carry_out(means, call)
        if call.method == "POST":
            return await carry_out(means, call)
        return await read(means, call)


gateway = Gateway()
