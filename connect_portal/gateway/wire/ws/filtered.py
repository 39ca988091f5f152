"""What of the venue's pushes a client may see: its own institution's orders and fills, and those
that carry no code at all, as its reads over REST do.

A push of which everything may be seen goes on byte for byte. Pushes of fills name no code, so an
order that was not seen before is looked up, once.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlencode

import msgspec
from msgspec import Raw

from connect_portal.authorizations.queries import Bearer
from connect_portal.venue.errors import MalformedAnswer
from connect_portal.venue.port import Forwarder

REMEMBERED: Final = 10_000
"""Orders of which a connection knows whether they may be seen."""

Tag = Callable[[str, str], Awaitable[str]]
"""Asks the venue for the tag of an order, by instrument and id."""


class Channel(msgspec.Struct, frozen=True):
    """What a message is about."""

    channel: str = ""


class Push(msgspec.Struct):
    """A message of the venue; its rows are still undecoded."""

    arg: Channel = Channel()
    data: list[Raw] = []


class Row(msgspec.Struct, rename={"order_id": "ordId", "instrument": "instId"}):
    """What tells whose an order or fill is."""

    order_id: str = ""
    instrument: str = ""
    tag: str | None = None


class Orders(msgspec.Struct):
    """The venue's answer to a question about an order."""

    data: list[Row] = []


_push: Final = msgspec.json.Decoder(Push)
_row: Final = msgspec.json.Decoder(Row)
_fields: Final = msgspec.json.Decoder(dict[str, Raw])


class Filter:
    """Keeps back what is another institution's, for one connection."""

    def __init__(self, connect_code: str, tag_of: Tag) -> None:
        self._shown = frozenset(("", connect_code))
        self._tag_of = tag_of
        self._known: OrderedDict[str, bool] = OrderedDict()

    async def visible(self, text: str) -> str:
        """The message as it may be seen, "" when nothing of it may.

        Raises VenueError when the venue cannot say whose a fill is, msgspec.MsgspecError for what
        is no message.
        """
        push = _push.decode(text)
        if push.arg.channel not in ("orders", "fills"):
            return text
        may = self._order_may if push.arg.channel == "orders" else self._fill_may
        kept = [raw for raw in push.data if await may(_row.decode(raw))]
        if len(kept) == len(push.data):
            return text
        if not kept:
            return ""
        fields = _fields.decode(text) | {"data": Raw(msgspec.json.encode(kept))}
        return msgspec.json.encode(fields).decode()

    async def _order_may(self, row: Row) -> bool:
        return self._remember(row.order_id, row.tag or "")

    async def _fill_may(self, row: Row) -> bool:
        known = self._known.get(row.order_id)
        if known is not None:
            return known
        return self._remember(row.order_id, await self._tag_of(row.instrument, row.order_id))

    def _remember(self, order_id: str, tag: str) -> bool:
        self._known[order_id] = shown = tag in self._shown
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return shown


async def tag_at_venue(way: Forwarder, caller: Bearer, instrument: str, order_id: str) -> str:
    """The tag of an order as the venue has it. Raises VenueError when it cannot be told."""
    query = urlencode({"instId": instrument, "ordId": order_id})
    told = await way.forward(
        caller.credentials,
        "GET",
        f"/api/v5/trade/order?{query}",
        environment=caller.environment,
    )
    try:
        (row,) = msgspec.json.decode(told.body, type=Orders).data
    except (msgspec.MsgspecError, ValueError) as error:
        raise MalformedAnswer(f"the order of a fill is not told: {error}") from error
    return row.tag or ""
