"""What the list of institutions is asked for in its address."""

from typing import Final
from urllib.parse import urlencode

from django import forms

from connect_portal.institutions.directory import STATES, Order, Sought
from connect_portal.institutions.enums import Channel

MOST: Final = 2**63 - 1


class DirectoryForm(forms.Form):
    """Search, filters and order."""

    q = forms.CharField(max_length=120, required=False)
    state = forms.ChoiceField(choices=STATES, required=False)
    channel = forms.ChoiceField(choices=Channel.choices, required=False)
    order = forms.ChoiceField(choices=Order.choices, required=False)
    after = forms.IntegerField(min_value=1, max_value=MOST, required=False)

    def sought(self) -> Sought:
        """What is looked for, as far as it can be understood."""
        self.is_valid()
        told = {
            name: value
            for name in ("q", "state", "channel")
            if (value := self.cleaned_data.get(name))
        }
        return Sought(**told, order=Order(self.cleaned_data.get("order") or Order.NAME))

    @property
    def after_id(self) -> int | None:
        """After which institution the page begins."""
        return self.cleaned_data.get("after")

    @property
    def query(self) -> str:
        """The query of an address that asks for the same, from the first page on."""
        told = {name: value for name, value in self.cleaned_data.items() if value}
        return urlencode({name: value for name, value in told.items() if name != "after"})
