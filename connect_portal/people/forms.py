"""Forms about people: what signing up asks beyond allauth's own fields, and staff."""

from django import forms
from django.http import HttpRequest

from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person


class SignupForm(forms.Form):
    """Asks how the person wants to be called; allauth's form builds upon this one."""

    name = forms.CharField(
        label="Your name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1", "password2"]

    def signup(self, request: HttpRequest, user: Person) -> None:
        """Keep the name; allauth calls this once the person is saved."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class StaffForm(forms.Form):
    """A colleague to be: which address, which role."""

    email = forms.EmailField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(choices=[one for one in StaffRole.choices if one[0]])


class RowForm(forms.Form):
    """A button beside a row."""

    do = forms.CharField(max_length=10)
    row = forms.IntegerField(min_value=1, max_value=2**62)
