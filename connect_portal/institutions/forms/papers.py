"""What an institution signs and hands in once it is qualified."""

from typing import Any

from django import forms

from connect_portal.institutions import addresses
from connect_portal.institutions.forms.lines import Lines


class SignatureForm(forms.Form):
    """A name under the contract whose fingerprint goes with it."""

    name = forms.CharField(
        label="Your full name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="As it stands in the application. Typing it here signs the contract above for "
        "your company.",
    )
    sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class CountersignatureForm(forms.Form):
    """The fingerprint of the contract that is countersigned."""

    sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class TechnicalForm(forms.Form):
    """The technical details of an institution: where it is answered, from where it calls."""

    redirect_uris = Lines(
        label="Redirect URIs",
        read=addresses.redirect_uri,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, https, exactly as your application sends them.",
    )
    ips = Lines(
        label="IP addresses of your servers",
        read=addresses.server,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, public addresses or networks. Leave it empty if they change.",
    )

    def __init__(self, *args: Any, has_oauth: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["redirect_uris"].required = has_oauth
        if not has_oauth:
            del self.fields["redirect_uris"]
