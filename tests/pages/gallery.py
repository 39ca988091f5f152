"""Addresses for tests: the site's own entrance, and one page that shows every element."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

GALLERY = (Path(__file__).parent / "gallery.html").read_text()


class Example(forms.Form):
    """Every kind of field; sent empty, so that each says what is wrong with it."""

    name = forms.CharField(help_text="As in your contract.")
    note = forms.CharField(required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(choices=[("", ""), ("api", "API")])
    channel = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(help_text="You can take it back.")

    def clean(self) -> None:
        self.add_error(None, "The whole form is wrong.")


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every element."""
    context = {
        "tones": ["neutral", "info", "good", "warn", "bad"],
        "at": datetime(2026, 11, 22, 10, tzinfo=UTC),
        "sum": Decimal("-1234.5600"),
        "form": Example({"note": "kept"}),
    }
    return HttpResponse(engines["django"].from_string(GALLERY).render(context, request))


urlpatterns = [
    path("gallery/", gallery),
    path("", include("connect_portal.people.urls.public")),
    path("accounts/", include("allauth.urls")),
]
