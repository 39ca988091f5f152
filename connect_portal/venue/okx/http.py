"""The addresses of the v5 REST wire and the control calls over it, one blocking request each.

Paths, parameters and scopes: https://www.okx.com/docs-v5/en/#overview. `reader` uses the same
targets for its own asynchronous reads.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from connect_portal.kit import clock
from connect_portal.venue.errors import ClockSkewed
from connect_portal.venue.okx import parse
from connect_portal.venue.okx.clock import VenueClock
from connect_portal.venue.okx.errors import unreadable
from connect_portal.venue.okx.sign import rest_headers
from connect_portal.venue.transport import Answer, exchange
from connect_portal.venue.types import Credentials, KeyReport

CONFIG = "/api/v5/account/config"
TIME = "/api/v5/public/time"
TICKERS = "/api/v5/market/tickers"
ORDER = "/api/v5/trade/order"
ORDERS_PENDING = "/api/v5/trade/orders-pending"
ORDERS_HISTORY = "/api/v5/trade/orders-history"
FILLS_RECENT = "/api/v5/trade/fills"
FILLS_ARCHIVE = "/api/v5/trade/fills-history"

# 50006 is what OKX answers to a request without it, GET included.
PLAIN_HEADERS = {"Content-Type": "application/json"}


def target(path: str, params: Mapping[str, str | None] | None = None) -> str:
    """Path and query as they are signed and sent; a parameter that is None is left out."""
    given = {name: value for name, value in (params or {}).items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


class OkxControl:
    """Blocking calls for forms and probes."""

    def __init__(self, base_url: str, venue_clock: VenueClock) -> None:
        self.base_url = base_url
        self.clock = venue_clock

    def probe(self, credentials: Credentials) -> KeyReport:
        """Ask account/config what the key is and may do."""
        return parse.sole_row(self._signed(credentials, CONFIG), parse.key_report)

    def server_time(self) -> datetime:
        """The venue's wall clock."""
        return parse.sole_row(self._public(TIME), parse.server_time)

    def last_prices(self) -> dict[str, Decimal]:
        """Last price of every spot instrument that has traded; refused whole if one is unreadable,
        for a missing price would be taken for a missing market."""
        answer = self._public(target(TICKERS, {"instType": "SPOT"}))
        raws = parse.open_envelope(answer)
        try:
            tickers = [parse.last_price(raw) for raw in raws]
        except parse.UNREADABLE as error:
            raise unreadable(answer, str(error)) from error
        return {instrument: last for instrument, last in tickers if last is not None}

    def _signed(self, credentials: Credentials, address: str) -> Answer:
        answer = self._signed_once(credentials, address)
        try:
            parse.open_envelope(answer)
        except ClockSkewed:
            self._learn_clock()
            return self._signed_once(credentials, address)
        return answer

    def _signed_once(self, credentials: Credentials, address: str) -> Answer:
        headers = rest_headers(credentials, "GET", address, now=self.clock.now())
        return exchange("GET", self.base_url + address, headers=PLAIN_HEADERS | headers)

    def _public(self, address: str) -> Answer:
        return exchange("GET", self.base_url + address, headers=PLAIN_HEADERS)

    def _learn_clock(self) -> None:
        asked_at = clock.now()
        venue_time = self.server_time()
        self.clock.learn(venue_time, asked_at=asked_at, answered_at=clock.now())
