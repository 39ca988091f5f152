"""The exchange as one object: all ways to it, over one clock and one pace."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing

from connect_portal.venue.okx.clock import VenueClock
from connect_portal.venue.okx.desk import OkxDesk
from connect_portal.venue.okx.forward import OkxForwarder, open_forwarder
from connect_portal.venue.okx.http import OkxControl
from connect_portal.venue.okx.market import OkxMarket
from connect_portal.venue.okx.reader import OkxReader, open_reader
from connect_portal.venue.okx.ws import ConnectPace, OrdersChannel
from connect_portal.venue.port import VenueEvent
from connect_portal.venue.types import Credentials, Environment


class OkxVenue(OkxControl):
    """Any exchange that speaks the v5 wire: the real one or the sandbox.

    `base_url` is scheme and host, without a path; `ws_url` ends before `/private`.
    """

    def __init__(self, *, name: str, base_url: str, ws_url: str) -> None:
        super().__init__(base_url.rstrip("/"), VenueClock())
        self.name = name
        self.private_url = f"{ws_url.rstrip('/')}/private"
        self.pace = ConnectPace()

    def market(self, environment: Environment = Environment.LIVE) -> OkxMarket:
        """Public prices."""
        return OkxMarket(self, environment)

    def desk(
        self, credentials: Credentials, environment: Environment = Environment.LIVE
    ) -> OkxDesk:
        """One account, as its owner works with it."""
        return OkxDesk(self, credentials, environment)

    def reader(self) -> AbstractAsyncContextManager[OkxReader]:
        """Connections for many reads."""
        return open_reader(self.base_url, self.clock)

    def forwarder(self) -> AbstractAsyncContextManager[OkxForwarder]:
        """Connections for what is sent on."""
        return open_forwarder(self.base_url, self.clock)

    async def follow(self, credentials: Credentials) -> AsyncGenerator[VenueEvent, None]:
        """One account's pushes, with connections of their own."""
        async with self.reader() as reader:
            channel = OrdersChannel(reader, self.private_url, credentials, pace=self.pace)
            async with aclosing(channel.follow()) as events:
                async for event in events:
                    yield event
