"""Names of instruments that a client gives by number alone, as the documentation of 2026 has it.

The rules of a grant and the REST wire know names. https://www.okx.com/docs-v5/en/#overview-websocket
"""

import time
from typing import Final

import msgspec
from msgspec import Raw

from connect_portal.venue.errors import VenueError
from connect_portal.venue.port import Forwarder

_LISTED: Final = "/api/v5/public/instruments?instType=SPOT"
ASKED_EVERY_S: Final = 60.0


class Listed(msgspec.Struct, rename={"name": "instId", "number": "instIdCode"}):
    """An instrument of the venue."""

    name: str
    number: int | None = None


class Listing(msgspec.Struct):
    """The venue's answer."""

    data: list[Listed] = []


class Instruments:
    """The venue's numbers, asked for when one is not known yet, once a minute at most."""

    def __init__(self, way: Forwarder) -> None:
        self.way = way
        self._names: dict[int, str] = {}
        self._asked_at = -ASKED_EVERY_S

    async def named(self, raw: Raw) -> bytes:
        """An order item with the name in place of the number. Any other goes on as it came, also
        one whose name and number are not of one instrument: that is for the rules to judge."""
        try:
            fields = msgspec.json.decode(raw, type=dict[str, Raw])
        except (msgspec.MsgspecError, RecursionError):
            return bytes(raw)
        number = _number(fields.get("instIdCode"))
        name = None if number is None else await self._name(number)
        if name is None or _text(fields.get("instId")) not in ("", name):
            return bytes(raw)
        del fields["instIdCode"]
        return msgspec.json.encode(fields | {"instId": name})

    async def _name(self, number: int) -> str | None:
        moment = time.monotonic()
        if number not in self._names and moment - self._asked_at >= ASKED_EVERY_S:
            self._asked_at = moment
            await self._ask()
        return self._names.get(number)

    async def _ask(self) -> None:
        try:
            told = await self.way.forward(None, "GET", _LISTED)
            listing = msgspec.json.decode(told.body, type=Listing)
        except (VenueError, msgspec.MsgspecError):
            self._asked_at = -ASKED_EVERY_S
            return
        self._names = {one.number: one.name for one in listing.data if one.number is not None}


def _number(raw: Raw | None) -> int | None:
    try:
        return None if raw is None else msgspec.json.decode(raw, type=int, strict=False)
    except msgspec.MsgspecError:
        return None


def _text(raw: Raw | None) -> object:
    return "" if raw is None else msgspec.json.decode(raw)
