"""What an end user fills in to bind an API key, or to have one made."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator

from connect_portal.authorizations.queries import accounts_of
from connect_portal.institutions.queries import open_to_bindings
from connect_portal.kit.errors import Refusal
from connect_portal.venue import sandbox_operator
from connect_portal.venue.types import Credentials

MAKE: Final = "make"
"""The name of the button that has a key made."""
NONE: Final = ("", "Choose one")
SEARCH_FROM: Final = 8
"""From so many institutions on, the page offers to search among them."""
_LONGEST = 128
_VISIBLE = RegexValidator(
    # Key and passphrase travel in headers as they are (RFC 9110, 5.5).
    r"\A[!-~]([ -~]*[!-~])?\Z",
    "This holds characters that no key has. Copy it again from the venue's API page.",
)


class BindForm(forms.Form):
    """An institution and a key, or the wish for a key. Secret and passphrase are never sent back
    to the page."""

    institution = forms.TypedChoiceField(
        coerce=int, help_text="The company that will sign your orders with this key."
    )
    api_key = forms.CharField(
        label="API key",
        max_length=_LONGEST,
        validators=[_VISIBLE],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="From the venue's API page. It must be allowed to read and trade, and never to "
        "withdraw.",
    )
    secret = forms.CharField(
        label="Secret key",
        max_length=_LONGEST,
        validators=[_VISIBLE],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    passphrase = forms.CharField(
        max_length=_LONGEST,
        validators=[_VISIBLE],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The one you chose when you created the key.",
    )
    account = forms.TypedChoiceField(
        label="On your venue account", coerce=int, required=False, empty_value=None
    )

    def __init__(self, data: Any, *, person_id: int, chosen: str = "") -> None:
        super().__init__(data, initial={"institution": chosen})
        choices = [(row.pk, row.name) for row in open_to_bindings(settings.VENUE_NAME)]
        self.fields["institution"].choices = [NONE, *choices]  # type: ignore[attr-defined]
        self.is_long = len(choices) >= SEARCH_FROM
        self.makes_keys = sandbox_operator.available()
        self.wants_key = self.makes_keys and self.is_bound and MAKE in self.data
        if self.wants_key:
            for name in ("api_key", "secret", "passphrase"):
                self.fields[name].required = False
                self.fields[name].disabled = True
        mine = [(account.pk, account.uid) for account in accounts_of(person_id)]
        self.fields["account"].choices = mine  # type: ignore[attr-defined]
        if not (mine and self.makes_keys):
            del self.fields["account"]

    @property
    def credentials(self) -> Credentials:
        """The key that was typed in; valid forms only."""
        data = self.cleaned_data
        return Credentials(data["api_key"], data["secret"], data["passphrase"])

    def say(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it belongs to, where the form has it."""
        has_field = refusal.field in self.fields and not self.wants_key
        self.add_error(refusal.field if has_field else None, refusal.text)
