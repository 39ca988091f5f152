"""What an institution signs and hands in once it is qualified."""

from collections.abc import Mapping
from typing import Any

from django import forms

from connect_portal.institutions import addresses
from connect_portal.institutions.forms.lines import Lines
from connect_portal.institutions.models import NOTE_LENGTH


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


class TermsForm(forms.Form):
    """On which plan and level a contract is proposed."""

    plan_version = forms.TypedChoiceField(label="Commission plan", coerce=int)
    level = forms.IntegerField(
        label="Level at which it begins",
        min_value=0,
        max_value=99,
        help_text="A level of that plan: see the table in the text below.",
    )
    note = forms.CharField(
        label="Note for finance",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, plans: Mapping[int, str], **kwargs: Any) -> None:
        """``plans`` are the names of the versions on offer, by their ids."""
        super().__init__(*args, **kwargs)
        self.fields["plan_version"].choices = list(plans.items())  # type: ignore[attr-defined]

    @property
    def terms(self) -> dict[str, int]:
        """What is proposed; valid forms only."""
        return {name: self.cleaned_data[name] for name in ("plan_version", "level")}


class CountersignatureForm(forms.Form):
    """The fingerprint of the contract that is countersigned."""

    sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class RenewalForm(forms.Form):
    """What is decided about a renewal, and why."""

    choice = forms.RegexField(r"^((confirm|decline):[0-9]{1,18}|refuse)\Z")
    note = forms.CharField(
        required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )

    @property
    def verb(self) -> tuple[str, int]:
        """The verb and the number of the proposal that it is about; valid forms only."""
        verb, _, about = self.cleaned_data["choice"].partition(":")
        return verb, int(about or 0)


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
