"""The exchange as one object: all ways to it, over one clock and one pace."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

from connect_portal.venue.okx.clock import VenueClock
from connect_portal.venue.okx.desk import OkxDesk
from connect_portal.venue.okx.forward import OkxForwarder, open_forwarder
from connect_portal.venue.okx.http import OkxControl
from connect_portal.venue.okx.line import ConnectPace, OkxLine, open_line
from connect_portal.venue.okx.market import OkxMarket
from connect_portal.venue.okx.reader import OkxReader, open_reader
from connect_portal.venue.okx.ws import OrdersChannel
from connect_portal.venue.port import VenueEvent
from connect_portal.venue.types import AccountKey, Environment

PUBLIC_GAP_S = 1.0
SIMULATED = "?brokerId=9999"
"""https://www.okx.com/docs-v5/en/#overview-demo-trading-services"""


class OkxVenue(OkxControl):
    """Any exchange that speaks the v5 wire: the real one or the sandbox.

    `base_url` is scheme and host, without a path; `ws_url` ends before `/private`. Connections for
    anybody who asks have a pace of their own, so that they never keep an account's news waiting.
    """

    def __init__(self, *, name: str, base_url: str, ws_url: str) -> None:
        super().__init__(base_url.rstrip("/"), VenueClock())
        self.name = name
        self.ws_url = ws_url.rstrip("/")
        self.private_url = f"{self.ws_url}/private"
        self.pace = ConnectPace()
        self.public_pace = ConnectPace(PUBLIC_GAP_S)

    def market(self, environment: Environment = Environment.LIVE) -> OkxMarket:
        """Public prices."""
        return OkxMarket(self, environment)

    def desk(self, credentials: AccountKey, environment: Environment = Environment.LIVE) -> OkxDesk:
        """One account, as its owner works with it."""
        return OkxDesk(self, credentials, environment)

    def reader(self) -> AbstractAsyncContextManager[OkxReader]:
        """Connections for many reads."""
        return open_reader(self.base_url, self.clock)

    def forwarder(self) -> AbstractAsyncContextManager[OkxForwarder]:
        """Connections for what is sent on."""
        return open_forwarder(self.base_url, self.clock)

    @asynccontextmanager
    async def line(
        self,
        path: str,
        credentials: AccountKey | None,
        environment: Environment = Environment.LIVE,
    ) -> AsyncIterator[OkxLine]:
        """One connection to a path of the venue's sockets."""
        pace = self.public_pace if credentials is None else self.pace
        url = f"{self.ws_url}/{path}{SIMULATED if environment == Environment.DEMO else ''}"
        async with (
            self.reader() as reader,
            open_line(reader, url, credentials, pace=pace) as line,
        ):
            yield line

    async def follow(self, credentials: AccountKey) -> AsyncGenerator[VenueEvent, None]:
        """One account's pushes, with connections of their own."""
        async with self.reader() as reader:
            channel = OrdersChannel(reader, self.private_url, credentials, pace=self.pace)
            async with aclosing(channel.follow()) as events:
                async for event in events:
                    yield event
