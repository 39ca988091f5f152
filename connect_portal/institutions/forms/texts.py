"""Fields of the application form that say what is wrong with a text, a name or a number."""

from datetime import date
from typing import Any

from django import forms

from connect_portal.facts import countries
from connect_portal.institutions import names


class Text(forms.CharField):
    """A text without invisible characters."""

    def to_python(self, value: Any) -> str:
        """The text as it is kept."""
        try:
            return names.plain(super().to_python(value) or "")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class Name(forms.CharField):
    """The name of a company or a person, in one alphabet."""

    def to_python(self, value: Any) -> str:
        """The name as it is kept."""
        try:
            return names.name(super().to_python(value) or "")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class Count(forms.IntegerField):
    """A whole number, with or without commas between its thousands."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        """The number."""
        return super().to_python(_without_commas(value))


class Amount(forms.DecimalField):
    """An amount, with or without commas between its thousands."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        """The amount, exact."""
        return super().to_python(_without_commas(value))


class PastDay(forms.DateField):
    """A day that has been."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": "1600-01-01"})
        super().__init__(input_formats=["%Y-%m-%d"], widget=widget, **kwargs)

    def validate(self, value: date | None) -> None:
        """Refuse a day of the future, or of before any register was kept."""
        super().validate(value)
        if value and value > date.today():  # noqa: DTZ011 - a calendar's day, in nobody's zone
            raise forms.ValidationError("This day is still to come.")
        if value and value.year < 1600:
            raise forms.ValidationError("Write the year with four digits.")


class Country(forms.ChoiceField):
    """A country by its ISO 3166-1 alpha-2 code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", "Choose a country"), *countries().items()], **kwargs)


def _without_commas(value: Any) -> Any:
    return value.replace(",", "").strip() if isinstance(value, str) else value
