"""What a company fills in to apply."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator, URLValidator

from connect_portal.facts import countries
from connect_portal.institutions import addresses
from connect_portal.institutions.enums import BusinessKind, Channel
from connect_portal.institutions.forms.lines import Lines
from connect_portal.institutions.models import NAME_LENGTH, Application
from connect_portal.institutions.rules import address_word
from connect_portal.kit.errors import Refusal

MODELS = {
    "api": [Channel.API],
    "oauth": [Channel.OAUTH],
    "both": [Channel.API, Channel.OAUTH],
}


class ApplicationForm(forms.Form):
    """A company applies. A draft may leave anything open but the company's name."""

    kind = forms.ChoiceField(
        label="What is your business?", choices=[("", "Choose one"), *BusinessKind.choices]
    )
    model = forms.ChoiceField(
        label="How will your users' orders reach the exchange?",
        choices=[
            ("api", "API: your users give you an API key of their account"),
            ("oauth", "OAuth: your users consent on our page and share no key"),
            ("both", "Both"),
        ],
        widget=forms.RadioSelect,
    )
    company = forms.CharField(label="Company's legal name", max_length=NAME_LENGTH)
    country = forms.ChoiceField(label="Country of registration")
    website = forms.URLField(
        max_length=300,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
    )
    description = forms.CharField(
        label="What do you offer your users?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    contact_name = forms.CharField(label="Contact person", max_length=120)
    contact_email = forms.EmailField(label="Contact's e-mail address")
    venue_account_uid = forms.CharField(
        label="UID of your own account at the exchange",
        max_length=20,
        validators=[RegexValidator(r"^[0-9]{4,20}\Z", "A UID is 4 to 20 digits.")],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Digits only, from the profile page of your account. Commission is paid there.",
    )
    redirect_uris = Lines(
        label="Redirect URIs",
        read=addresses.redirect_uri,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, https, exactly as your application sends them: they are compared "
        "character by character. OAuth needs at least one.",
    )
    ips = Lines(
        label="IP addresses of your servers",
        read=addresses.server,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, public addresses or networks like 203.0.113.0/24. Leave it empty "
        "if they change.",
    )
    terms = forms.BooleanField(
        label="We apply in the company's name, and accept the rules of the programme.",
    )

    def __init__(self, *args: Any, submitting: bool, **kwargs: Any) -> None:
        """``submitting`` asks for everything the model needs; else it is a draft."""
        super().__init__(*args, **kwargs)
        self.submitting = submitting
        choices = [("", "Choose a country"), *countries().items()]
        self.fields["country"].choices = choices  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.required = field.required and (submitting or name == "company")

    def clean_company(self) -> str:
        company = str(self.cleaned_data["company"])
        if not address_word(company):
            raise forms.ValidationError(
                "Write the name with at least some Latin letters or digits: it becomes an address."
            )
        return company

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        model = cleaned.get("model")
        # Redirect URIs are for OAuth; for the API model the field is not even shown.
        if model == "api" or (not model and self.has_error("redirect_uris", "required")):
            self.errors.pop("redirect_uris", None)
            cleaned["redirect_uris"] = []
        return cleaned

    @property
    def columns(self) -> dict[str, Any]:
        """What was typed, as columns of an application; valid forms only."""
        values = {k: v for k, v in self.cleaned_data.items() if k not in ("model", "terms")}
        return values | {"channels": MODELS.get(self.cleaned_data["model"], [])}

    def say(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it belongs to."""
        self.add_error(refusal.field, refusal.text)


def typed(application: Application) -> dict[str, Any]:
    """What stands in an application, as its form shows it."""
    channels = sorted(application.channels)
    same = ApplicationForm.base_fields.keys() - {"model", "terms", "redirect_uris", "ips"}
    return {name: getattr(application, name) for name in same} | {
        "model": next((name for name, those in MODELS.items() if sorted(those) == channels), ""),
        "redirect_uris": "\n".join(application.redirect_uris),
        "ips": "\n".join(application.ips),
    }
