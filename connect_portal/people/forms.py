"""What our sign-up form asks beyond allauth's own fields."""

from django import forms
from django.http import HttpRequest

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
