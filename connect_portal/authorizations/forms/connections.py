"""What an end user fills in to bind an API key."""

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator

from connect_portal.institutions.queries import open_to_bindings
from connect_portal.kit.errors import Refusal
from connect_portal.venue.types import Credentials

_LONGEST = 128
_VISIBLE = RegexValidator(
    # Key and passphrase travel in headers as they are (RFC 9110, 5.5).
    r"\A[!-~]([ -~]*[!-~])?\Z",
    "This holds characters that no key has. Copy it again from the venue's API page.",
)


class BindForm(forms.Form):
    """An institution and a key. Secret and passphrase are never sent back to the page."""

    institution = forms.TypedChoiceField(
        coerce=int, help_text="The company whose orders you want to recognise on your account."
    )
    api_key = forms.CharField(
        label="API key",
        max_length=_LONGEST,
        validators=[_VISIBLE],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Created on the venue's API page. Read permission is enough; a key that may "
        "withdraw is refused.",
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

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(row.pk, row.name) for row in open_to_bindings(settings.VENUE_NAME)]
        self.fields["institution"].choices = choices  # type: ignore[attr-defined]

    @property
    def credentials(self) -> Credentials:
        """The key that was typed in; valid forms only."""
        data = self.cleaned_data
        return Credentials(data["api_key"], data["secret"], data["passphrase"])

    def say(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it belongs to."""
        self.add_error(refusal.field, refusal.text)
