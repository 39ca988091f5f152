"""A client's conversation with the venue: login, subscriptions, order operations, ping.

https://www.okx.com/docs-v5/en/#overview-websocket
"""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from connect_portal.sandbox.engine import fees
from connect_portal.sandbox.engine.model import Fault, Key
from connect_portal.sandbox.wire.environments import Environment
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.faults import WS, ends_sockets
from connect_portal.sandbox.wire.rpc import decode
from connect_portal.sandbox.wire.ws import topics
from connect_portal.sandbox.wire.ws.hub import Hub
from connect_portal.sandbox.wire.ws.limits import Quota
from connect_portal.sandbox.wire.ws.operations import OPERATIONS, Operations
from connect_portal.sandbox.wire.ws.socket import BROKEN, Socket, text_frame
from connect_portal.sandbox.wire.ws.topics import Topic

if TYPE_CHECKING:
    from connect_portal.sandbox.wire.ws.reception import Reception

LOGIN_FAILED, NO_REQUESTS, TOO_MANY_OF_KEY = 4001, 4002, 4003
KEY_GONE, FULL, TOO_MANY = 4007, 4008, 4009
PONG = text_frame(b"pong")
ID = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
LONGEST_ECHO = 4096
TOP_TIERS = frozenset(fees.levels()[fees.levels().index("VIP4") :])
Request = Mapping[str, Any]


class Connection:
    """One client on one of the three paths."""

    def __init__(
        self, socket: Socket, path: str, reception: "Reception", environment: Environment
    ) -> None:
        self.path, self.environment, self._at = path, environment, f"/ws/v5/{path}"
        self.conn_id = secrets.token_hex(4)
        self.key: Key | None = None
        self.topics: dict[Topic, Hub] = {}
        self.send = socket.send
        self._socket, self._reception, self._limits = socket, reception, reception.limits
        self._quota, self._here = Quota(self._limits), True
        self._operations = Operations(self)
        environment.hub.guests.add(self)

    @property
    def uid(self) -> str:
        """Whose account it is logged in to, "" before that."""
        return self.key.uid if self.key else ""

    def hear(self, text: str) -> None:
        """Answer a message."""
        if text == "ping":
            return self.send(PONG)
        request = as_request(text)
        try:
            if request is None:
                self._bear_with(text)
            elif request["op"] in OPERATIONS:
                self._operations.begin(request)
            else:
                self._follow(request, text)
        except WireError as error:
            self.refuse(request or {}, error)
        return None

    def leave(self) -> None:
        """Stop listening: the socket is gone."""
        self._here = False
        for topic, hub in self.topics.items():
            hub.leave(self, topic)
        self.topics.clear()
        self.environment.hub.guests.discard(self)

    def finish(self, then: Callable[[], None]) -> None:
        """Call back when the operations that run have been answered."""
        self._operations.finish(then)

    def close(self, code: int) -> None:
        """End the connection with a close code."""
        self._socket.close(code)

    def lose_key(self, api_key: str) -> None:
        """End the connection when the key it is logged in with is deleted."""
        if self.key is not None and self.key.api_key == api_key:
            self.close(KEY_GONE)

    def hang_up(self, fault: Fault) -> None:
        """End the connection as if it had broken, if the disturbance is made for it."""
        if fault.uid in ("", self.uid) and ends_sockets(fault, self._at):
            self.close(BROKEN)

    def give_notice(self) -> None:
        """Tell the client that the service will stop in about a minute."""
        error = WireError("64008")
        self.say({}, {"event": "notice", "code": error.code, "msg": error.text})

    def say(self, request: Request, message: dict[str, Any]) -> None:
        """Send an event, with the id of the request that it answers."""
        self.say_plain(request, {**message, "connId": self.conn_id})

    def say_plain(self, request: Request, message: dict[str, Any]) -> None:
        """The same without connId, as operations are answered."""
        given = request.get("id")
        named = {"id": given} if isinstance(given, str) and ID.fullmatch(given) else {}
        self.send(text_frame(msgspec.json.encode({**named, **message})))

    def refuse(self, request: Request, error: WireError) -> None:
        """Send an error event."""
        self.say(request, {"event": "error", "code": error.code, "msg": error.text})

    def _bear_with(self, text: str) -> None:
        """Refuse what is no request; whoever sends nothing else all hour is closed with 4002."""
        if not self._quota.take(time.monotonic()):
            return self.close(NO_REQUESTS)
        raise WireError("60012", text[:LONGEST_ECHO])

    def _follow(self, request: Request, text: str) -> None:
        verbs = {
            "login": self._log_in,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
        }
        verb = verbs.get(request["op"])
        if verb is None:
            raise WireError("60019", request["op"][:LONGEST_ECHO])
        args = request.get("args")
        if not isinstance(args, list) or not args or not all(isinstance(a, dict) for a in args):
            return self._bear_with(text)
        if not self._quota.take(time.monotonic()):
            raise WireError("60014")
        for arg in args:
            try:
                if self._here:
                    verb(request, arg)
            except WireError as error:
                self.refuse(request, error)
        return None

    def _log_in(self, request: Request, arg: Request) -> None:
        if self.key is not None:
            raise WireError("60031")
        given = plain_texts(arg)
        api_key = given.get("apiKey", "")
        environment = self._reception.venue.of_key(api_key)
        try:
            self.key = environment.gate.login(given, self._socket.address, f"{self._at}/login")
        except WireError as error:
            self._note_login(api_key, error.code)
            self.refuse(request, error)
            return self.close(LOGIN_FAILED)
        self._note_login(api_key, "0")
        self.environment.hub.guests.discard(self)
        self.environment = environment
        environment.hub.guests.add(self)
        return self.say(request, {"event": "login", "code": "0", "msg": ""})

    def _note_login(self, api_key: str, code: str) -> None:
        if known := self._reception.venue.known(api_key):
            environment, key = known
            held = code not in ("60004", "60005", "60006", "60007", "60032")
            environment.log.note(key, WS, f"{self._at}/login", code, held=held)

    def _subscribe(self, request: Request, arg: Request) -> None:
        topic = self._topic(arg)
        hub = self.environment.hub
        self._refuse_unentitled(topic)
        if crowd := self._crowd(topic, hub):
            return self.close(crowd)
        self.say(request, {"event": "subscribe", "arg": arg})
        fits = not topic.terms.counted or self._announce_count(topic, hub)
        if fits and self._here:
            self.topics[topic] = hub
            hub.join(self, topic)
        return None

    def _unsubscribe(self, request: Request, arg: Request) -> None:
        topic = self._topic(arg)
        if hub := self.topics.pop(topic, None):
            hub.leave(self, topic)
        self.say(request, {"event": "unsubscribe", "arg": arg})

    def _topic(self, arg: Request) -> Topic:
        instruments = self.environment.store.exchange.world.instruments
        topic = topics.read(arg, self.path, instruments)
        terms = topic.terms
        if (terms.login or terms.top_tiers) and self.key is None:
            raise WireError("60011")
        return replace(topic, uid=self.uid) if terms.login else topic

    def _refuse_unentitled(self, topic: Topic) -> None:
        """Raises 64003 (fee tier) and 64004 (a book twice)."""
        level = self.environment.store.exchange.state.accounts[self.uid].level if self.uid else ""
        if topic.terms.top_tiers and level not in TOP_TIERS:
            raise WireError("64003")
        if topic.channel not in topics.CHAINED:
            return
        for other in self.topics:
            twice = other.inst == topic.inst and other.channel in topics.CHAINED
            if twice and other != topic and topics.DEEP in (other.channel, topic.channel):
                raise WireError("64004", topic.channel, topic.inst)

    def _crowd(self, topic: Topic, hub: Hub) -> int:
        """The close code for a subscription too many; 0 while there is room."""
        if topic in self.topics:
            return 0
        if len(self.topics) >= self._limits.topics:
            return TOO_MANY
        if hub.size >= self._limits.topics_of_all:
            return FULL
        if topic.terms.login and self._topics_of_key() >= self._limits.topics_of_key:
            return TOO_MANY_OF_KEY
        return 0

    def _topics_of_key(self) -> int:
        """How many subscriptions to its account all connections of this key have."""
        same = [guest for guest in self.environment.hub.guests if guest.key is self.key]
        return sum(topic.terms.login for guest in same for topic in guest.topics)

    def _announce_count(self, topic: Topic, hub: Hub) -> bool:
        """Say how many connections of the account listen to a channel; False for one too many."""
        others = hub.listeners_of(self.uid, topic.channel) - {self}
        fits = len(others) < self._limits.listeners_per_channel
        event = "channel-conn-count" if fits else "channel-conn-count-error"
        count = str(len(others) + fits)
        self.say({}, {"event": event, "channel": topic.channel, "connCount": count})
        return fits


def as_request(text: str) -> Request | None:
    """The message as an object with a text `op`; None when it is something else."""
    try:
        request = decode(text)
    except WireError:
        return None
    fits = isinstance(request, dict) and isinstance(request.get("op"), str)
    return request if fits else None


def plain_texts(arg: Request) -> dict[str, str]:
    """The login's values as texts; some clients send the timestamp as a number."""
    return {
        name: str(value)
        for name, value in arg.items()
        if isinstance(value, str) or (type(value) is int and 0 <= value < 1 << 63)
    }
