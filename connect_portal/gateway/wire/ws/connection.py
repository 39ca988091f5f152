"""One client's conversation: login, subscriptions, order operations, ping, and its end.

https://www.okx.com/docs-v5/en/#overview-websocket
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from connect_portal.authorizations.queries import Bearer
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire.ws import channels, messages
from connect_portal.gateway.wire.ws.channels import PRIVATE
from connect_portal.gateway.wire.ws.endings import (
    BROKEN,
    FULL,
    GONE,
    LOGIN_FAILED,
    NO_REQUESTS,
    REASONS,
    SILENT,
    TOO_LARGE,
    UNREAD,
    Ending,
)
from connect_portal.gateway.wire.ws.filtered import Filter
from connect_portal.gateway.wire.ws.limits import Quota
from connect_portal.gateway.wire.ws.login import environment_of, given_token, knock
from connect_portal.gateway.wire.ws.messages import LONGEST_MESSAGE, NOTHING, Message
from connect_portal.gateway.wire.ws.operations import VERBS
from connect_portal.gateway.wire.ws.outbox import Outbox
from connect_portal.gateway.wire.ws.upstream import Upstream
from connect_portal.venue.errors import KeyRefused, VenueError
from connect_portal.venue.types import Environment

if TYPE_CHECKING:
    from connect_portal.gateway.wire.ws.app import Sockets

log = logging.getLogger(__name__)

SILENCE_S: Final = 30.0
LOGIN_WITHIN_S: Final = 30.0
"""How long a private connection stays without a login, whatever else it says."""
FAREWELL_S: Final = 5.0


class Connection:
    """One client on one of the three paths."""

    def __init__(self, socket: WebSocket, path: str, sockets: "Sockets") -> None:
        self.id = secrets.token_hex(4)
        self.path = path
        self.bearer: Bearer | None = None
        self.token = ""
        self._knocked_with, self.carrier = knock(socket)
        self._environment = environment_of(socket)
        self._socket = socket
        self._sockets = sockets
        self._out = Outbox(socket)
        self._quota = Quota()
        self._operations = sockets.operations()
        self._upstream: Upstream | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._heard_at = time.monotonic()

    @property
    def grant_id(self) -> int:
        """The grant it is logged in with, 0 before that."""
        return self.bearer.grant_id if self.bearer else 0

    async def serve(self) -> None:
        """Everything from the opening to the close."""
        await self._socket.accept()
        works = (self._listen(), self._out.write(), self._feel_silence(), self._expect_login())
        for work in works:
            self._start(work)
        self._start(self._operations.run(self.tell, self._settle))
        try:
            ending = await self._ending
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._say_goodbye(ending)

    def tell(self, text: str) -> None:
        """Send a message; a client that does not read is closed with 4005."""
        self._heard_at = time.monotonic()
        if not self._out.put(text):
            self.end(UNREAD)

    def end(self, code: int, refused: Refused | None = None) -> None:
        """End the conversation; ``refused`` is told before, if there is something to say."""
        if not self._ending.done():
            event = messages.trouble(NOTHING, self.id, refused) if refused else ""
            self._ending.set_result(Ending(code, event))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: "asyncio.Task[None]") -> None:
        """A part of the conversation is over: so is the whole."""
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if isinstance(error, WebSocketDisconnect):
            return self.end(0)
        log.error("connection %s broke", self.id, exc_info=error)
        return self.end(BROKEN)

    async def _listen(self) -> None:
        if self._knocked_with:
            await self._log_in(NOTHING, self._knocked_with)
        while not self._ending.done():
            heard = await self._socket.receive()
            if heard["type"] == "websocket.disconnect":
                return self.end(0)
            self._heard_at = time.monotonic()
            text = heard.get("text")
            if text is None:
                text = (heard.get("bytes") or b"").decode(errors="replace")
            if len(text) > LONGEST_MESSAGE:
                return self.end(TOO_LARGE)
            await self._hear(text)

    async def _hear(self, text: str) -> None:
        """Answer one message."""
        if text == "ping":
            return self.tell("pong")
        message = NOTHING
        try:
            message = messages.read(text)
            await self._follow(message)
        except Refused as refused:
            self.tell(messages.trouble(message, self.id, refused))
            if refused.code == "60012" and not self._quota.take():
                self.end(NO_REQUESTS)
        return None

    async def _follow(self, message: Message) -> None:
        if message.op in VERBS:
            return self._operate(message)
        if message.op not in ("login", "subscribe", "unsubscribe"):
            raise Refused("60019", message.op[:40])
        arguments = message.arguments()
        if not self._quota.take():
            raise Refused("60014")
        if message.op == "login":
            return await self._log_in(message, given_token(arguments[0]))
        return self._pass_on(message, arguments)

    async def _log_in(self, message: Message, token: str) -> None:
        """Find out whom a token speaks for; whoever fails is closed with 4001."""
        if self.bearer is not None:
            raise Refused("60031")
        try:
            caller = await self._sockets.admit(token, self.carrier)
            if self._environment == Environment.DEMO != caller.environment:
                # Ignoring it would trade real money where a test was meant.
                raise Refused("50101")
        except Refused as refused:
            self.tell(messages.trouble(message, self.id, refused))
            return self.end(FULL if refused.code == "60014" else LOGIN_FAILED)
        self.bearer, self.token = caller, token
        return self.tell(
            messages.event(message, self.id, {"event": "login", "code": "0", "msg": ""})
        )

    def _operate(self, message: Message) -> None:
        if self.path != PRIVATE:
            raise Refused("60028")
        if self.bearer is None:
            raise Refused("60011")
        self._operations.begin(message, self.token)

    def _pass_on(self, message: Message, arguments: list[dict[str, Any]]) -> None:
        """Send subscriptions to the venue, which answers for itself; refuse others one by one."""
        if self.path == PRIVATE and self.bearer is None:
            raise Refused("60011")
        passed = []
        for raw, argument in zip(message.items, arguments, strict=True):
            try:
                channels.check(self.path, argument)
                passed.append(raw)
            except Refused as refused:
                self.tell(messages.trouble(message, self.id, refused))
        if passed:
            text = messages.written({**message.named, "op": message.op, "args": passed})
            self._line().send(text, len(passed))

    async def _settle(self) -> None:
        """Let the subscriptions of the client come before its orders."""
        if self._upstream is not None:
            await self._upstream.settle()

    def _line(self) -> Upstream:
        """The line to the venue: signed on the private path, nobody's on the others."""
        if self._upstream is None:
            if self.path == PRIVATE and self.bearer is not None:
                caller = self.bearer
                show = Filter(caller.connect_code, self._sockets.tags_for(caller)).visible
                where = PRIVATE, caller.credentials, caller.environment
                self._upstream = Upstream(*where, show)
            else:
                self._upstream = Upstream(self.path, None, self._environment, None)
            self._start(self._hold(self._upstream))
        return self._upstream

    async def _hold(self, upstream: Upstream) -> None:
        """Hear what the venue says until its line is lost."""
        try:
            await upstream.run(self.tell)
        except KeyRefused as error:
            log.warning("connection %s: %s", self.id, error)
            self.end(GONE, Refused("53009"))
        except VenueError as error:
            log.info("connection %s: %s", self.id, error)
            self.end(BROKEN, Refused("50001"))

    async def _feel_silence(self) -> None:
        """Close with 4004 once nothing was said in either direction for too long."""
        while (quiet := time.monotonic() - self._heard_at) < SILENCE_S:
            await asyncio.sleep(SILENCE_S - quiet)
        self.end(SILENT)

    async def _expect_login(self) -> None:
        await asyncio.sleep(LOGIN_WITHIN_S)
        if self.path == PRIVATE and self.bearer is None:
            self.end(LOGIN_FAILED)

    async def _say_goodbye(self, ending: Ending) -> None:
        """Send what is still to be read and the close; a client that does not read gets neither."""
        if not ending.code:
            return
        try:
            async with asyncio.timeout(FAREWELL_S):
                if ending.code != UNREAD:
                    await self._out.flush()
                    if ending.event:
                        await self._socket.send_text(ending.event)
                await self._socket.close(ending.code, REASONS[ending.code])
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            log.info("connection %s did not hear its end (%s)", self.id, ending.code)
