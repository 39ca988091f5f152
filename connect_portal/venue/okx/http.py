"""The addresses of the v5 REST wire and the control calls over it, one blocking request each.

Paths, parameters and scopes: https://www.okx.com/docs-v5/en/#overview. `reader` uses the same
targets for its own asynchronous reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

from connect_portal.kit import clock
from connect_portal.venue.errors import ClockSkewed, MalformedAnswer, OutcomeUnknown, Unavailable
from connect_portal.venue.okx import parse
from connect_portal.venue.okx.clock import VenueClock
from connect_portal.venue.okx.sign import rest_headers
from connect_portal.venue.transport import Answer, environment_headers, exchange
from connect_portal.venue.types import AccountKey, Environment, KeyReport

CONFIG = "/api/v5/account/config"
TIME = "/api/v5/public/time"
IF_REBATE = "/api/v5/broker/fd/if-rebate"
TICKERS = "/api/v5/market/tickers"
ORDER = "/api/v5/trade/order"
ORDERS_PENDING = "/api/v5/trade/orders-pending"
ORDERS_HISTORY = "/api/v5/trade/orders-history"
ORDERS_ARCHIVE = "/api/v5/trade/orders-history-archive"
FILLS_RECENT = "/api/v5/trade/fills"
FILLS_ARCHIVE = "/api/v5/trade/fills-history"

# 50006 is what OKX answers to a request without it, GET included.
PLAIN_HEADERS = {"Content-Type": "application/json"}

Result = TypeVar("Result")


def target(path: str, params: Mapping[str, str | None] | None = None) -> str:
    """Path and query as they are signed and sent; a parameter that is None is left out."""
    given = {name: value for name, value in (params or {}).items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


class OkxControl:
    """Blocking calls for forms and probes."""

    def __init__(self, base_url: str, venue_clock: VenueClock) -> None:
        self.base_url = base_url
        self.clock = venue_clock

    def probe(self, credentials: AccountKey) -> KeyReport:
        """Ask account/config what the key is and may do."""
        return self.signed(
            credentials, CONFIG, lambda answer: parse.sole_row(answer, parse.key_report)
        )

    def rebate_type(self, own: AccountKey, api_key: str, *, channel: str | None = None) -> str:
        """Ask broker/fd/if-rebate, signed with the broker's own key
        (https://www.okx.com/docs-v5/broker_en/)."""
        asked = target(IF_REBATE, {"apiKey": api_key, "brokerType": channel})
        return self.signed(own, asked, lambda answer: parse.sole_row(answer, parse.rebate_type))

    def server_time(self) -> datetime:
        """The venue's wall clock."""
        return parse.sole_row(self.public(TIME), parse.server_time)

    def last_prices(self) -> dict[str, Decimal]:
        """Last price of every spot instrument that has traded; refused whole if one is unreadable,
        for a missing price would be taken for a missing market."""
        answer = self.public(target(TICKERS, {"instType": "SPOT"}))
        tickers = parse.all_rows(answer, parse.last_price)
        return {instrument: last for instrument, last in tickers if last is not None}

    def signed(
        self,
        credentials: AccountKey,
        address: str,
        understand: Callable[[Answer], Result],
        *,
        body: str | None = None,
        environment: Environment = Environment.LIVE,
        patience: float | None = None,
    ) -> Result:
        """Read ``address``, or write to it where there is a body; a stale clock is corrected once.

        A write raises OutcomeUnknown where no usable answer came: it may have been heard.
        """
        call = _Call(credentials, address, body, environment, patience)
        try:
            return understand(self._send(call))
        except ClockSkewed:
            self._learn_clock()
            return understand(self._send(call))
        except (Unavailable, MalformedAnswer) as error:
            if body is None:
                raise
            raise OutcomeUnknown(error.message, venue_code=error.venue_code) from error

    def public(
        self,
        address: str,
        environment: Environment = Environment.LIVE,
        patience: float | None = None,
    ) -> Answer:
        """Read what needs no key."""
        headers = PLAIN_HEADERS | environment_headers(environment)
        return exchange("GET", self.base_url + address, headers=headers, patience=patience)

    def _send(self, call: "_Call") -> Answer:
        headers = rest_headers(
            call.credentials, call.method, call.address, now=self.clock.now(), body=call.body or ""
        )
        return exchange(
            call.method,
            self.base_url + call.address,
            headers=PLAIN_HEADERS | headers | environment_headers(call.environment),
            body=(call.body or "").encode(),
            repeatable=call.body is None,
            patience=call.patience,
        )

    def _learn_clock(self) -> None:
        asked_at = clock.now()
        venue_time = self.server_time()
        self.clock.learn(venue_time, asked_at=asked_at, answered_at=clock.now())


@dataclass(frozen=True, slots=True)
class _Call:
    """One signed request, before its signature; with a body it is a write."""

    credentials: AccountKey
    address: str
    body: str | None
    environment: Environment
    patience: float | None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"
