"""What a user of a company types in to place an order."""

import json

from django import forms


class OrderForm(forms.Form):
    """A spot order, sent as it is typed: what is wrong with it the exchange says."""

    instrument = forms.CharField(initial="BTC-USDT", max_length=40)
    side = forms.ChoiceField(choices=[("buy", "Buy"), ("sell", "Sell")])
    kind = forms.ChoiceField(
        label="Order type",
        choices=[("limit", "Limit"), ("market", "Market"), ("post_only", "Post only")],
    )
    size = forms.CharField(initial="0.001", max_length=40)
    price = forms.CharField(
        max_length=40, required=False, help_text="In the quote currency; empty for a market order."
    )
    tag = forms.CharField(
        max_length=40,
        required=False,
        help_text="Leave it empty: the gateway fills in the Connect code. Try another.",
    )

    @property
    def order(self) -> str:
        """The body of the request; valid forms only."""
        data = self.cleaned_data
        words = {
            "instId": data["instrument"],
            "tdMode": "cash",
            "side": data["side"],
            "ordType": data["kind"],
            "sz": data["size"],
            "px": data["price"],
            "tag": data["tag"],
        }
        return json.dumps({word: value for word, value in words.items() if value})
