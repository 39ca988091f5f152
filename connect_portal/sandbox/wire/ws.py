"""WebSocket connections: login, subscriptions, order operations, keep-alive.

https://www.okx.com/docs-v5/en/#overview-websocket and #order-book-trading-trade-ws-place-order
"""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from connect_portal import facts
from connect_portal.sandbox.engine.model import Key
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.wire import channels
from connect_portal.sandbox.wire.auth import Gatekeeper
from connect_portal.sandbox.wire.endpoints import MANY, TRADE, Call, Rows, micros
from connect_portal.sandbox.wire.errors import WireError, sentence
from connect_portal.sandbox.wire.hub import Hub
from connect_portal.sandbox.wire.rest import trade
from connect_portal.sandbox.wire.rpc import as_items, decode

MESSAGE_LIMIT = 64 * 1024
QUEUE_LIMIT = 4096
TOO_LARGE, NOTHING_HAPPENED, BUFFER_FULL, ABNORMAL, KEY_GONE = 1009, 4004, 4005, 4006, 4007
IDLE_S = 30.0
OPERATIONS = {
    "order": (trade.place_orders, 1),
    "batch-orders": (trade.place_orders, MANY),
    "cancel-order": (trade.cancel_orders, 1),
    "batch-cancel-orders": (trade.cancel_orders, MANY),
    "amend-order": (trade.amend_orders, 1),
    "batch-amend-orders": (trade.amend_orders, MANY),
}


class Connection:
    """One client on one of the three paths."""

    def __init__(self, socket: WebSocket, path: str, hub: Hub, gate: Gatekeeper) -> None:
        self.socket, self.path, self.hub, self.gate = socket, path, hub, gate
        self.conn_id = secrets.token_hex(4)
        self.subscriptions: dict[str, channels.Arg] = {}
        self.key: Key | None = None
        self.uid = ""
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_LIMIT)
        self._close_with = 0

    async def run(self) -> None:
        """Serve the client until either side ends it."""
        await self.socket.accept()
        self.hub.listeners.add(self)
        sender = asyncio.create_task(self._send_forever())
        try:
            await self._receive_forever()
        except WebSocketDisconnect:
            pass
        finally:
            self.hub.listeners.discard(self)
            sender.cancel()

    def send(self, message: bytes) -> None:
        """Queue a message; a client that does not read is closed with 4005."""
        try:
            self._outbox.put_nowait(message)
        except asyncio.QueueFull:
            self._close_with = BUFFER_FULL

    def forget_key(self, api_key: str) -> None:
        """End the connection when the key it logged in with is deleted."""
        if self.key is not None and self.key.api_key == api_key:
            self.uid, self._close_with = "", KEY_GONE
            self._wake_sender()

    def hang_up(self) -> None:
        """End the connection as the venue does when something of its own breaks."""
        self._close_with = ABNORMAL
        self._wake_sender()

    async def close(self, code: int) -> None:
        """End the connection with a close code."""
        if self.socket.application_state == WebSocketState.CONNECTED:
            await self.socket.close(code)

    def _wake_sender(self) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait(b"")

    async def _send_forever(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the client has left
            while not self._close_with:
                message = await self._outbox.get()
                if not self._close_with:
                    await self.socket.send_text(message.decode())
            await self.close(self._close_with)

    async def _receive_forever(self) -> None:
        while True:
            try:
                text = await asyncio.wait_for(
                    self._receive(), None if self.subscriptions else IDLE_S
                )
            except TimeoutError:
                return await self.close(NOTHING_HAPPENED)
            if len(text) > MESSAGE_LIMIT:
                return await self.close(TOO_LARGE)
            if text == "ping":
                self.send(b"pong")
                continue
            await self._answer(text)

    async def _receive(self) -> str:
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1000)
        text: str | None = message.get("text")
        return text if text is not None else message["bytes"].decode("utf-8", "replace")

    async def _answer(self, text: str) -> None:
        try:
            request = decode(text)
        except WireError:
            request = None
        if not isinstance(request, dict) or not isinstance(request.get("op"), str):
            return self._error(WireError("60012", text[:500]), {})
        try:
            if request["op"] in OPERATIONS:
                await self._operate(request)
            else:
                self._control(request)
        except WireError as error:
            self._error(error, request)

    def _control(self, request: Mapping[str, Any]) -> None:
        verbs = {
            "login": self._login,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
        }
        verb = verbs.get(request["op"])
        if verb is None:
            raise WireError("60019", request["op"][:32])
        args = request.get("args")
        if not isinstance(args, list) or not args or not all(isinstance(a, dict) for a in args):
            raise WireError("60012", "args must be a list of objects")
        for arg in args:
            try:
                verb(request, arg)
            except WireError as error:
                self._error(error, request)

    def _login(self, request: Mapping[str, Any], arg: Mapping[str, Any]) -> None:
        if self.key is not None:
            raise WireError("60031")
        ip = self.socket.client.host if self.socket.client else ""
        self.key = self.gate.login(arg, ip)
        self.uid = self.key.uid
        self._say(request, {"event": "login", "code": "0", "msg": ""})

    def _subscribe(self, request: Mapping[str, Any], arg: Mapping[str, Any]) -> None:
        self._refuse_unknown_channel(arg)
        self._say(request, {"event": "subscribe", "arg": arg})
        if arg["channel"] in channels.NEEDS_LOGIN:
            count = str(self.hub.connections(self.uid, arg["channel"]) + 1)
            notice = {"event": "channel-conn-count", "channel": arg["channel"]}
            self._say({}, notice | {"connCount": count})
        self.hub.subscribe(self, arg)

    def _unsubscribe(self, request: Mapping[str, Any], arg: Mapping[str, Any]) -> None:
        self.hub.unsubscribe(self, arg)
        self._say(request, {"event": "unsubscribe", "arg": arg})

    def _refuse_unknown_channel(self, arg: Mapping[str, Any]) -> None:
        channel, inst = arg.get("channel"), arg.get("instId")
        unknown = WireError("60018", f"channel:{channel},instId:{inst}")
        if not all(isinstance(value, str | None) for value in arg.values()):
            raise WireError("60012", "args must hold texts")
        if channel not in channels.CHANNELS_OF_PATH[self.path]:
            raise unknown
        if channel in channels.NEEDS_LOGIN and self.key is None:
            raise WireError("60011")
        needs_inst = channel in channels.NEEDS_INST_ID or str(channel).startswith("candle")
        if (needs_inst or inst) and inst not in self.hub.store.exchange.world.instruments:
            raise unknown
        if channel in channels.NEEDS_INST_TYPE and not arg.get("instType"):
            raise unknown

    async def _operate(self, request: Mapping[str, Any]) -> None:
        if self.path != "private":
            raise WireError("60028")
        if self.key is None:
            raise WireError("60011")
        verb, most = OPERATIONS[request["op"]]
        received = micros()
        rows = Rows([], received)
        code, text = "60013", sentence("60013")
        try:
            if TRADE not in self.key.perm.split(","):
                raise WireError("50120")
            items = [with_inst_id(item) for item in as_items(request.get("args"), most)]
            call = Call(self.hub.store, self.gate.limiter, items=items, key=self._live_key())
            call.expiry = request.get("expTime")
            rows = await verb(call)
            code, text = rows.code, ""
        except StoreUnavailable:
            code, text = "50001", sentence("50001")
        except WireError as error:
            if error.code not in ("50002", "50025"):
                code, text = error.code, error.text
        answer = {"op": request["op"], "data": rows.data, "code": code, "msg": text}
        times = {"inTime": str(received), "outTime": str(micros())}
        self.send(msgspec.json.encode({**_id_of(request), **answer, **times}))

    def _live_key(self) -> Key:
        key = self.gate.keys.get(self.key.api_key) if self.key else None
        if key is None:
            raise WireError("60011")
        return key

    def _say(self, request: Mapping[str, Any], message: dict[str, Any]) -> None:
        self.send(msgspec.json.encode({**_id_of(request), **message, "connId": self.conn_id}))

    def _error(self, error: WireError, request: Mapping[str, Any]) -> None:
        self._say(request, {"event": "error", "code": error.code, "msg": error.text})


def with_inst_id(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The item with its instrument's name; clients of 2026 send the number alone."""
    if item.get("instId") or not item.get("instIdCode"):
        return item
    for pair in facts.pairs().values():
        if str(pair.inst_id_code) == str(item["instIdCode"]):
            return {**item, "instId": pair.inst_id}
    return {**item, "instId": "unknown"}


def _id_of(request: Mapping[str, Any]) -> dict[str, str]:
    given = request.get("id")
    return {"id": given} if isinstance(given, str) and len(given) <= 32 and given else {}
