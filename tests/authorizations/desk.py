"""Somebody at the page of an account on the live exchange, in a browser without scripts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.core.cache import cache
from django.test import Client

from connect_portal.authorizations.models import VenueAccount
from connect_portal.people.models import Person
from tests import cast
from tests.sandbox.conftest import Sandbox

PAIR = "SOL-USDT"
FAR = "1.5"
"""A price to buy at that nobody sells for."""


@dataclass
class Desk:
    """A person signed in at the page of an account."""

    client: Client
    person: Person
    account: VenueAccount
    exchange: Sandbox

    @property
    def path(self) -> str:
        return f"/user/account/{self.account.pk}/"

    def read(self, below: str = "") -> str:
        """What a page of the account says."""
        return words(self.client.get(self.path + below))

    def send(self, below: str, fields: Mapping[str, object], **headers: str) -> Any:
        """Send one of the forms."""
        return self.client.post(self.path + below, fields, headers=headers)

    def order(self, **changes: object) -> Any:
        """Send the form of an order, as a fresh page carries it."""
        return self.send("order/", self.typed() | changes)

    def fresh(self) -> None:
        """Let the second pass for which public prices are shown to everybody."""
        cache.clear()

    def typed(self) -> dict[str, object]:
        """A right order to buy far below the market, in the form that the page shows now."""
        form = self.client.get(self.path, {"pair": PAIR}).context["order_form"]
        fields = {name: form[name].value() or "" for name in form.fields}
        return fields | {"kind": "limit", "price": FAR, "size": "2"}

    def open_orders(self) -> list[Any]:
        """The open orders that the page shows."""
        page = self.client.get(self.path).context
        assert not page.get("trouble"), page["trouble"]
        return [row.order for row in page["holdings"].open_orders]

    def give(self, **money: str) -> None:
        """Money from the operator, past the page."""
        for currency, amount in money.items():
            body = {"reference": f"test {currency} {amount}", "ccy": currency, "amt": amount}
            self.exchange.operate("POST", f"/accounts/{self.account.uid}/faucet", body)

    def fault(self, kind: str, path: str) -> None:
        """Let something go wrong once, at the exchange itself."""
        body = {"kind": kind, "uid": self.account.uid, "path": path, "times": "1"}
        self.exchange.operate("POST", "/faults", body)

    def shown(self) -> Any:
        """The exchange's own words of the account."""
        return self.exchange.operate("GET", f"/accounts/{self.account.uid}")


def at_the_desk(client: Client, person: Person, exchange: Sandbox) -> Desk:
    """Sign in and open an account by the page."""
    cast.sign_in(client, person)
    answer = client.post("/user/account/")
    account = VenueAccount.objects.get(owner=person)
    assert answer["Location"] == f"/user/account/{account.pk}/"
    return Desk(client, person, account, exchange)


def words(answer: Any) -> str:
    """The text of an answer, without markup, blanks drawn together."""
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(text))


def notes(answer: Any, form: str = "order_form") -> dict[str, str]:
    """What stands beside each field of a refused form; "" stands for the form as a whole."""
    errors = answer.context[form].errors
    return {name.replace("__all__", ""): " ".join(said) for name, said in errors.items()}
