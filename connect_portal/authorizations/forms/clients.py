"""What an institution fills in about its OAuth client, and the exchange about a redirect URI."""

from typing import Any

from django import forms
from django.conf import settings

from connect_portal.authorizations.models import Client
from connect_portal.institutions import addresses
from connect_portal.kit.errors import Refusal
from connect_portal.kit.pictures import MOST_BYTES

MOST_ADDRESSES = 20


class ClientForm(forms.Form):
    """How a client is shown, and from where and how it may come."""

    name = forms.CharField(
        label="Public name",
        max_length=60,
        required=False,
        help_text="What end users read on the consent page. Empty: the institution's name.",
    )
    logo = forms.FileField(
        required=False,
        help_text=f"A PNG picture, 32 to 1024 pixels wide and high, at most "
        f"{MOST_BYTES // 1024} KiB.",
        widget=forms.FileInput(attrs={"accept": "image/png"}),
    )
    without_logo = forms.BooleanField(label="Show no logo", required=False)
    client_type = forms.ChoiceField(
        label="Kind",
        choices=[
            (Client.CLIENT_CONFIDENTIAL, "Confidential: your servers keep a secret"),
            (Client.CLIENT_PUBLIC, "Public: an app on people's devices, held by PKCE alone"),
        ],
        widget=forms.RadioSelect,
    )
    addresses = forms.CharField(
        label="Servers",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="The addresses or networks (203.0.113.0/24) that may use your tokens, one a "
        "line. Empty: any.",
    )
    par_required = forms.BooleanField(
        label="Take pushed authorization requests only (RFC 9126)", required=False
    )
    dpop_required = forms.BooleanField(
        label="Give tokens that are bound to your key only (DPoP, RFC 9449)", required=False
    )

    def __init__(self, data: Any = None, files: Any = None, *, client: Client) -> None:
        names = ("name", "client_type", "par_required", "dpop_required")
        initial = {name: getattr(client, name) for name in names}
        super().__init__(data, files, initial=initial | {"addresses": "\n".join(client.addresses)})
        if not hasattr(client, "logo"):
            del self.fields["without_logo"]

    def clean_addresses(self) -> list[str]:
        """The networks, each once."""
        lines = dict.fromkeys(str(self.cleaned_data["addresses"]).split())
        if len(lines) > MOST_ADDRESSES:
            raise forms.ValidationError(f"{MOST_ADDRESSES} at most; here are {len(lines)}.")
        try:
            read = [addresses.server(line, loopback=_loopback()) for line in lines]
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return list(dict.fromkeys(read))

    @property
    def change(self) -> dict[str, Any]:
        """The arguments of `actions.change_client`; valid forms only."""
        names = ("name", "client_type", "addresses", "par_required", "dpop_required")
        return {name: self.cleaned_data[name] for name in names}

    @property
    def new_logo(self) -> bytes | None:
        """The picture to show from now on: b"" for none, None where nothing changes."""
        if given := self.cleaned_data["logo"]:
            return bytes(given.read(MOST_BYTES + 1))
        return b"" if self.cleaned_data.get("without_logo") else None

    def say(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it belongs to."""
        self.add_error(refusal.field, refusal.text)


class RedirectForm(forms.Form):
    """An address at which an institution wants to be answered."""

    uri = forms.CharField(
        label="Redirect URI",
        max_length=addresses.URI_LENGTH,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text="https, exactly as your application sends it: it is compared character by "
        "character. Our technical staff and your account manager look at it first.",
    )

    def clean_uri(self) -> str:
        """The address, exactly as typed."""
        try:
            return addresses.redirect_uri(self.cleaned_data["uri"], loopback=_loopback())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def say(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it belongs to."""
        self.add_error(refusal.field, refusal.text)


class DecisionForm(forms.Form):
    """Which address, yes or no, and why not."""

    proposal = forms.IntegerField()
    decision = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    reason = forms.CharField(max_length=300, required=False)


def _loopback() -> bool:
    return bool(settings.EMBEDDED or settings.DEMO)
