"""The words of the sockets: what a client may send, and the events it is answered with.

https://www.okx.com/docs-v5/en/#overview-websocket-connect
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw

from connect_portal.gateway.errors import Refused

LONGEST_MESSAGE: Final = 64 * 1024
"""Bytes in one message of a client."""
LONGEST_ECHO: Final = 1000
_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)


class Message(msgspec.Struct, rename={"expires": "expTime"}):
    """A request; its arguments are kept byte for byte. Order operations may carry ``expires``."""

    op: str
    args: Raw = Raw(b"[]")
    id: Any = None
    expires: str | int | None = None

    @property
    def named(self) -> dict[str, str]:
        """Its id as the answer repeats it, where it has a proper one."""
        proper = isinstance(self.id, str) and _ID.fullmatch(self.id)
        return {"id": self.id} if proper else {}

    @property
    def items(self) -> list[Raw]:
        """The arguments as they came; none when they are no list."""
        try:
            return msgspec.json.decode(self.args, type=list[Raw])
        except (msgspec.MsgspecError, RecursionError):
            return []

    def arguments(self) -> list[dict[str, Any]]:
        """The decoded arguments, at least one. Raises Refused (60012) for any that is no object."""
        try:
            found = [msgspec.json.decode(raw, type=dict[str, Any]) for raw in self.items]
        except (msgspec.MsgspecError, RecursionError):
            found = []
        if not found:
            raise Refused("60012", "args must be a list of objects")
        return found


_message: Final = msgspec.json.Decoder(Message)
NOTHING: Final = Message(op="")


def read(text: str) -> Message:
    """The request in a text. Raises Refused (60012) when it is none."""
    try:
        return _message.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise Refused("60012", text[:LONGEST_ECHO]) from error


def event(message: Message, connection: str, what: Mapping[str, object]) -> str:
    """An event as an answer to ``message``, on the connection of that id."""
    return written({**message.named, **what, "connId": connection})


def trouble(message: Message, connection: str, refused: Refused) -> str:
    """An error event."""
    what = {"event": "error", "code": refused.code, "msg": refused.text}
    return event(message, connection, what)


def written(content: object) -> str:
    """Compact JSON."""
    return msgspec.json.encode(content).decode()
