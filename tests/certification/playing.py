"""A client under test: ccxt as an institution would set it up, and the run that watches it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import ccxt
import ccxt.pro
from django.conf import settings

from connect_portal.certification import actions
from connect_portal.certification.models import Run
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials

PAIR = "BTC/USDT"
PRICE = 1000


def ccxt_client(key: Credentials, code: str) -> ccxt.okx:
    """ccxt on the exchange's demo environment."""
    client = ccxt.okx(
        {"apiKey": key.api_key, "secret": key.secret, "password": key.passphrase}
        | {"options": {"fetchMarkets": {"types": ["spot"]}, "brokerId": code}}
    )
    client.urls["api"]["rest"] = settings.VENUE_URL
    client.headers = {"x-simulated-trading": "1"}
    return client


@dataclass
class Player:
    """Acme's client and its run."""

    institution: Institution
    person: Person
    run: Run
    client: ccxt.okx
    sizes: Any = field(default_factory=lambda: iter(range(1, 1000)))

    def size(self) -> float:
        """A size that no order had before."""
        return next(self.sizes) / 1000

    def own_id(self, word: str) -> dict[str, str]:
        """A client order id of this run, and the tag that ccxt leaves out beside one."""
        return {"clientOrderId": f"{self.run.code}r{self.run.pk}{word}", "tag": self.run.code}

    def order(self, **params: Any) -> Any:
        """One limit order far from the market."""
        return self.client.create_order(PAIR, "limit", "buy", self.size(), PRICE, params)

    def log_in(self) -> None:
        """Log in on the private WebSocket."""
        known = {"apiKey": self.client.apiKey, "secret": self.client.secret}
        client = ccxt.pro.okx(known | {"password": self.client.password})
        client.options["fetchMarkets"] = {"types": ["spot"]}
        client.urls["api"] = {"rest": settings.VENUE_URL, "ws": settings.VENUE_WS_URL}
        client.headers = dict(self.client.headers)

        async def watch() -> None:
            await client.watch_balance()
            await client.close()

        asyncio.run(watch())

    def look(self) -> dict[str, Any]:
        """Let the run look now; its results by check."""
        Run.objects.filter(pk=self.run.pk).update(looked_at=now().replace(year=2000))
        actions.look(self.run.pk)
        self.run.refresh_from_db()
        return {row.check_key: row for row in self.run.results.all()}

    def states(self) -> dict[str, str]:
        """How each check stands now."""
        return {key: row.state for key, row in self.look().items()}


def begin(institution: Institution, person: Person) -> Player:
    """A run that has just begun, and a client with its key."""
    run, key = actions.start(institution.pk, person=person)
    assert key is not None
    return Player(institution, person, run, ccxt_client(key, run.code))


def play_api(player: Player) -> None:
    """Everything that a well-behaved client does on the API channel, up to the end of its key."""
    client = player.client
    player.order()
    player.look()  # the first order with the tag: the run spoils the next one
    size = player.size()
    again = player.own_id("again")
    try:
        client.create_order(PAIR, "limit", "buy", size, PRICE, again)
    except ccxt.RateLimitExceeded:
        client.create_order(PAIR, "limit", "buy", size, PRICE, again)
    player.look()
    look_up_what_was_lost(player)
    order = player.order()
    client.edit_order(order["id"], PAIR, "limit", "buy", player.size(), PRICE)
    client.cancel_order(order["id"], PAIR)
    one = {"symbol": PAIR, "type": "limit", "side": "buy", "price": PRICE}
    client.create_orders([one | {"amount": player.size()} for _ in range(2)])
    client.create_order(PAIR, "market", "buy", 0.001, None, {"triggerPrice": PRICE})
    with suppress(ccxt.InvalidOrder):
        client.create_order(PAIR, "limit", "buy", 0.000001, PRICE)


def look_up_what_was_lost(player: Player) -> None:
    """Place an order whose answer is lost, and ask for it by its client order id."""
    own = player.own_id("lost")
    try:
        player.order(**own)
    except ccxt.RequestTimeout:
        player.client.fetch_order("", PAIR, {"clientOrderId": own["clientOrderId"]})
