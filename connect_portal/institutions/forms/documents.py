"""Files of an application, and the key of the company's own account."""

from typing import Any

from django import forms

from connect_portal.facts import document_kinds
from connect_portal.institutions.sections import LOGO


class UploadForm(forms.Form):
    """One file of a kind. What the file really is, its content tells."""

    kind = forms.ChoiceField(widget=forms.HiddenInput)
    file = forms.FileField(allow_empty_file=True, max_length=200)
    expires_on = forms.DateField(
        label="Valid until",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind, kind) for kind in (*document_kinds(), LOGO)]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        self.fields["file"].error_messages["required"] = "Choose a file first."


class KeyForm(forms.Form):
    """A read-only key of the company's own account; it is never shown again."""

    api_key = forms.CharField(label="API key", max_length=64)
    secret = forms.CharField(
        label="Secret key",
        max_length=64,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    passphrase = forms.CharField(
        max_length=64, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
