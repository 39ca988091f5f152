"""What a company fills in to apply, a form for each section.

A draft may hold anything that is incomplete. What is malformed is kept as it was typed, with what
is wrong about it (`SectionForm.malformed`), and nothing can be submitted until it is mended.
"""

from typing import Any, ClassVar, Final

from django import forms
from django.core.validators import RegexValidator, URLValidator
from django.http import QueryDict

from connect_portal.institutions import addresses
from connect_portal.institutions.enums import BusinessKind, Channel
from connect_portal.institutions.forms.lines import Lines
from connect_portal.institutions.forms.texts import Amount, Count, Country, Name, PastDay, Text
from connect_portal.institutions.models import ADDRESS_LENGTH, NAME_LENGTH, Application
from connect_portal.institutions.rules import address_word
from connect_portal.institutions.sections import Section, is_asked, is_needed

MODELS: Final = {
    "api": [Channel.API],
    "oauth": [Channel.OAUTH],
    "both": [Channel.API, Channel.OAUTH],
}
KEPT_LENGTH: Final = 20_000
"""Characters of a malformed text that are kept for mending."""


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def check_company(name: str) -> None:
    """Raise ValidationError for a name that leaves nothing to make an address of."""
    if name and not address_word(name):
        raise forms.ValidationError(
            "Write the name with at least some Latin letters or digits: it becomes an address."
        )


class BeginForm(forms.Form):
    """The one thing that a draft needs."""

    company = Name(
        label="Company's legal name",
        max_length=NAME_LENGTH,
        validators=[check_company],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class SectionForm(forms.Form):
    """One page of the form. Fields that the chosen model does not need are not in it.

    ``only`` keeps a single field, as autosaving does. Each field carries what it showed before
    (``initial-<name>``), so that of two tabs neither overwrites what the other changed.
    """

    section: ClassVar[Section]

    def __init__(
        self, data: QueryDict | None = None, *, application: Application, only: str = ""
    ) -> None:
        self.application = application
        super().__init__(data, initial=typed(application))
        for name in [*self.fields]:
            if not is_asked(name, application.channels) or only not in ("", name):
                del self.fields[name]
        for name, field in self.fields.items():
            field.required = name == "company"
            field.show_hidden_initial = True
            if name in application.malformed and not self.is_bound:
                mark = {"aria-invalid": "true", "aria-describedby": f"id_{name}_error"}
                field.widget.attrs.update(mark)

    @property
    def columns(self) -> dict[str, Any]:
        """What was changed and is sound, as columns of an application."""
        sound = {name: self.cleaned_data[name] for name in self._changed - self.errors.keys()}
        if "model" in sound:
            sound["channels"] = MODELS.get(sound.pop("model"), [])
        return sound

    @property
    def malformed(self) -> dict[str, Any]:
        """What was changed and is not: by field, what was typed and what is wrong with it."""
        return {
            name: {"typed": _short(self[name].data), "why": [*dict.fromkeys(errors)]}
            for name, errors in self.errors.items()
            if name in self._changed
        }

    @property
    def mended(self) -> set[str]:
        """The fields that were changed and are sound now."""
        return self._changed - self.errors.keys()

    @property
    def _changed(self) -> set[str]:
        return {name for name in self.fields if self._is_changed(name)}

    def _is_changed(self, name: str) -> bool:
        """Whether it says something else than it showed; what was malformed is read anew."""
        bound = self[name]
        if name in self.application.malformed:
            return name in self.data or bound.html_initial_name in self.data
        if bound.html_initial_name in self.data:
            return name in self.changed_data
        return name in self.data and self.fields[name].has_changed(bound.initial, bound.data)


def _short(value: Any) -> Any:
    return value[:KEPT_LENGTH] if isinstance(value, str) else value


class BusinessForm(SectionForm):
    """What the company does, and how its users' orders come."""

    section = Section.BUSINESS

    kind = forms.ChoiceField(
        label="What is your main business?",
        choices=[("", "Choose one"), *BusinessKind.choices],
        help_text="The programme lists you under it.",
    )
    other_kinds = forms.MultipleChoiceField(
        label="What else do you offer?",
        choices=BusinessKind.choices,
        widget=forms.CheckboxSelectMultiple,
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
    website = forms.URLField(
        max_length=300,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    description = Text(
        label="What do you offer your users?",
        max_length=2000,
        widget=_lines(5),
        help_text="The platform, who uses it, and where. 2,000 characters at most.",
    )
    expected_users = Count(
        label="Expected users", min_value=1, max_value=10**9, help_text="After the first year."
    )
    expected_volume = Amount(
        label="Expected volume a month, USD",
        min_value=0,
        max_digits=20,
        decimal_places=2,
        help_text="What your users will trade in a calendar month, after the first year.",
    )


class CompanyForm(SectionForm):
    """The legal entity."""

    section = Section.COMPANY

    company = Name(label="Company's legal name", max_length=NAME_LENGTH, validators=[check_company])
    trading_name = Name(
        label="Trading name", max_length=NAME_LENGTH, help_text="If your users know another one."
    )
    registration_number = Text(label="Registration number", max_length=60)
    registered_on = PastDay(label="Date of registration")
    country = Country(label="Country of registration")
    region = Name(
        label="State or province of registration",
        max_length=80,
        help_text="Where the country's parts keep registers of their own: Delaware, Ontario.",
    )
    registered_address = Text(
        label="Registered address", max_length=ADDRESS_LENGTH, widget=_lines(3)
    )
    principal_address = Text(
        label="Principal place of business",
        max_length=ADDRESS_LENGTH,
        widget=_lines(3),
        help_text="If it is another than the registered address.",
    )


class ContactsForm(SectionForm):
    """Whom we talk to."""

    section = Section.CONTACTS

    contact_name = Name(label="Contact person", max_length=120)
    contact_email = forms.EmailField(label="Contact's email address")
    technical_contact_name = Name(label="Technical contact", max_length=120)
    technical_contact_email = forms.EmailField(label="Technical contact's email address")
    finance_contact_name = Name(label="Finance contact", max_length=120)
    finance_contact_email = forms.EmailField(label="Finance contact's email address")


class ServersForm(SectionForm):
    """The technical side."""

    section = Section.TECHNICAL

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
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, public addresses or networks like 203.0.113.0/24. Leave it empty "
        "if they change.",
    )


class NoOwnerForm(SectionForm):
    """Whether there is a beneficial owner at all."""

    section = Section.PEOPLE

    has_no_owner = forms.BooleanField()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        application: Application,
        only: str = "",
        least: int = 0,
    ) -> None:
        super().__init__(data, application=application, only=only)
        if "has_no_owner" in self.fields:
            self.fields["has_no_owner"].label = f"Nobody owns {least} % or more of the company."


FORMS: Final[dict[Section, type[SectionForm]]] = {
    form.section: form for form in (BusinessForm, CompanyForm, ContactsForm, ServersForm)
}
"""The sections that are a form and nothing else, or begin with one."""


def typed(application: Application) -> dict[str, Any]:
    """What stands in an application as its form shows it: what was typed last, sound or not."""
    channels = sorted(application.channels)
    columns = {field.name for field in Application._meta.concrete_fields}
    shown = {name: getattr(application, name) for name in columns - {"channels"}} | {
        "model": next((name for name, those in MODELS.items() if sorted(those) == channels), ""),
        "redirect_uris": "\n".join(application.redirect_uris),
        "ips": "\n".join(application.ips),
    }
    return shown | {name: kept["typed"] for name, kept in application.malformed.items()}


def needed(form: SectionForm) -> set[str]:
    """The fields of a form without which nothing can be submitted."""
    channels = form.application.channels
    return {name for name in form.fields if is_needed(name, channels)}
