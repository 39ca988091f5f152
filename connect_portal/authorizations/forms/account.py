"""What an end user fills in on the page of an account: an order, a gift, an API key."""

import ipaddress
import re
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.validators import MinValueValidator, RegexValidator

from connect_portal.authorizations.enums import GIFTS, KINDS
from connect_portal.kit import money
from connect_portal.kit.errors import Refusal
from connect_portal.kit.ids import random_code
from connect_portal.venue.errors import OrderRefused
from connect_portal.venue.types import (
    PERMISSION_READ,
    PERMISSION_TRADE,
    PERMISSION_WITHDRAW,
    NewOrder,
)

PERMISSIONS: Final = [
    (PERMISSION_READ, "Read: see balances, orders and fills"),
    (PERMISSION_TRADE, "Trade: place and cancel orders"),
    (PERMISSION_WITHDRAW, "Withdraw: a mark only, money cannot leave the sandbox"),
]
MOST_ADDRESSES: Final = 20
_NUMBER: Final = {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}
_PLAIN: Final = {"autocomplete": "off", "spellcheck": "false"}
_POSITIVE: Final = MinValueValidator(Decimal("1e-18"), "More than zero.")
# https://www.okx.com/docs-v5/en/#overview-api-key-creation
_PASSPHRASE: Final = {
    "an upper-case letter": re.compile("[A-Z]"),
    "a lower-case letter": re.compile("[a-z]"),
    "a digit": re.compile("[0-9]"),
    "a special character": re.compile(r"[^A-Za-z0-9\s]"),
}


def new_client_order_id() -> str:
    """An id that is made with a form, so that the form sent twice is one order."""
    return f"page{random_code(20)}"


class OrderForm(forms.Form):
    """An order for one pair. What the exchange minds is said beside the field it speaks of."""

    use_required_attribute = False  # what is needed depends on the type of the order

    instrument = forms.CharField(widget=forms.HiddenInput)
    client_order_id = forms.CharField(
        widget=forms.HiddenInput, validators=[RegexValidator(r"\A[A-Za-z0-9]{1,32}\Z")]
    )
    side = forms.ChoiceField(
        choices=[("buy", "Buy"), ("sell", "Sell")], initial="buy", widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label="Type", choices=list(KINDS.items()), initial="limit")
    price = forms.DecimalField(
        **money.AMOUNT,
        validators=[_POSITIVE],
        widget=forms.TextInput(attrs=_NUMBER),
        error_messages={"required": "A price is needed, except for a market order."},
    )
    size = forms.DecimalField(
        **money.AMOUNT, validators=[_POSITIVE], widget=forms.TextInput(attrs=_NUMBER)
    )
    tag = forms.CharField(
        required=False,
        max_length=16,
        validators=[RegexValidator(r"\A[A-Za-z0-9]*\Z", "Letters and digits only.")],
        widget=forms.TextInput(attrs={**_PLAIN, "list": "order-codes"}),
        help_text="A Connect code: what is filled then counts for its institution.",
    )

    def __init__(self, data: Any = None, instrument: str = "") -> None:
        once = {"instrument": instrument, "client_order_id": new_client_order_id()}
        super().__init__(data, initial=once, auto_id="order-%s")
        base, _, quote = str(self["instrument"].value() or "").partition("-")
        self.fields["price"].label = f"Price, {quote}"
        self.fields["size"].label = f"Size, {base}"
        self.fields["price"].required = self["kind"].value() != "market"

    def clean(self) -> None:
        if self.cleaned_data.get("kind") == "market":
            self.cleaned_data["price"] = None

    @property
    def order(self) -> NewOrder:
        """The order that was typed in; valid forms only."""
        return NewOrder(**self.cleaned_data)

    def say(self, error: Refusal | OrderRefused) -> None:
        """Show a refusal beside the field it speaks of, the exchange's own in its words."""
        if isinstance(error, OrderRefused):
            about = error.about if error.about in self.fields else None
            self.add_error(None if about == "instrument" else about, error.message)
        else:
            self.add_error(None, error.text)

    def renew(self, *, placed: bool) -> None:
        """Make what was typed the next order: under a new id, and without a size once placed."""
        fresh = {"client_order_id": new_client_order_id()} | ({"size": ""} if placed else {})
        self.data = {**self.data.dict(), **fresh}  # type: ignore[attr-defined]


class GiftForm(forms.Form):
    """Which paper money to give; ``number`` makes the form sent twice one gift."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    currency = forms.ChoiceField(
        label="Paper money",
        choices=[(name, f"{amount:,f} {name}") for name, amount in GIFTS.items()],
    )

    def __init__(
        self, data: Any = None, number: int | None = None, currency: str | None = None
    ) -> None:
        once = {"number": number, "currency": currency}
        super().__init__(data, initial=once, auto_id="gift-%s")

    def say(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it belongs to."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.text)


class KeyForm(forms.Form):
    """A new API key. Its passphrase is never sent back to the page."""

    form_id = forms.CharField(widget=forms.HiddenInput, max_length=40)
    name = forms.CharField(
        max_length=50,
        validators=[RegexValidator(r"\A[ -~]+\Z", "Plain letters, digits and signs only.")],
        widget=forms.TextInput(attrs=_PLAIN),
        help_text="For you to tell your keys apart.",
    )
    permissions = forms.MultipleChoiceField(
        label="It may",
        choices=PERMISSIONS,
        initial=[PERMISSION_READ, PERMISSION_TRADE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Reading is always included. The portal binds no key that may withdraw.",
    )
    addresses = forms.CharField(
        label="From these addresses only",
        required=False,
        widget=forms.Textarea(attrs={**_PLAIN, "rows": "3"}),
        help_text=f"Up to {MOST_ADDRESSES} IP addresses or networks such as 203.0.113.0/24. "
        "None means from anywhere.",
    )
    passphrase = forms.CharField(
        min_length=8,
        max_length=32,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="8 to 32 characters with upper and lower case, a digit and a special character. "
        "Keep it: a program needs it beside key and secret.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"form_id": random_code(24)}, auto_id="key-%s")

    def clean_permissions(self) -> list[str]:
        """What was ticked, reading included, in the exchange's order."""
        wanted = {PERMISSION_READ, *self.cleaned_data["permissions"]}
        return [word for word, _ in PERMISSIONS if word in wanted]

    def clean_addresses(self) -> list[str]:
        """The addresses and networks, each as it was typed."""
        given = re.split(r"[\s,;]+", self.cleaned_data["addresses"].strip())
        addresses = [address for address in given if address]
        if len(addresses) > MOST_ADDRESSES:
            raise forms.ValidationError(f"At most {MOST_ADDRESSES}; these are {len(addresses)}.")
        for address in addresses:
            try:
                ipaddress.ip_network(address)
            except ValueError as error:
                raise forms.ValidationError(f"{address} is no IP address or network.") from error
        return addresses

    def clean_passphrase(self) -> str:
        """A passphrase with every kind of character, and none that cannot travel in a header."""
        passphrase: str = self.cleaned_data["passphrase"]
        if not re.fullmatch(r"[!-~]+", passphrase):
            raise forms.ValidationError("Use ASCII letters, digits and signs, and no spaces.")
        missing = [what for what, kind in _PASSPHRASE.items() if not kind.search(passphrase)]
        if missing:
            raise forms.ValidationError(f"It still needs {', '.join(missing)}.")
        return passphrase

    @property
    def choice(self) -> dict[str, Any]:
        """The arguments of `actions.make_api_key`; valid forms only."""
        data = self.cleaned_data
        names = ("name", "permissions", "passphrase")
        return {**{name: data[name] for name in names}, "ips": data["addresses"]}

    def say(self, refusal: Refusal) -> None:
        """Show a refusal of the whole form."""
        self.add_error(None, refusal.text)
