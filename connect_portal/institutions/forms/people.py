"""Somebody behind a company that applies."""

from typing import Any

from django import forms

from connect_portal.institutions.enums import PersonRole
from connect_portal.institutions.forms.texts import Country, Name
from connect_portal.institutions.models import CompanyPerson


class PersonForm(forms.Form):
    """A director, beneficial owner or signatory; one person may be all three."""

    name = Name(label="Full name", max_length=120)
    roles = forms.MultipleChoiceField(
        label="Is", choices=PersonRole.choices, widget=forms.CheckboxSelectMultiple
    )
    country = Country(label="Country of residence")
    share = forms.DecimalField(
        label="Share in percent",
        required=False,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Of beneficial owners, held directly or through others.",
    )
    email = forms.EmailField(
        label="Email address",
        required=False,
        help_text="Of signatories: whoever signs the contract signs in with it.",
    )

    def clean_share(self) -> Any:
        """A share is more than nothing and at most the whole."""
        share = self.cleaned_data["share"]
        if share is not None and not 0 < share <= 100:
            raise forms.ValidationError("A share is more than 0 and at most 100.")
        return share

    def clean(self) -> dict[str, Any]:
        """Ask what the roles need."""
        cleaned = super().clean() or self.cleaned_data
        roles = cleaned.get("roles", [])
        if PersonRole.OWNER in roles and cleaned.get("share") is None and "share" in cleaned:
            self.add_error("share", "Say how much of the company a beneficial owner holds.")
        if PersonRole.SIGNATORY in roles and not cleaned.get("email") and "email" in cleaned:
            self.add_error("email", "A signatory needs an email address.")
        if PersonRole.OWNER not in roles:
            cleaned["share"] = None
        return cleaned


def known(person: CompanyPerson) -> dict[str, Any]:
    """What stands in a person's row as the form shows it."""
    names = ("name", "roles", "country", "share", "email")
    return {name: getattr(person, name) for name in names}
