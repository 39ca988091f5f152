"""What a reviewer does on an application's page, beside deciding."""

from django import forms

from connect_portal.institutions.models import NOTE_LENGTH

VERBS = ("ask", "withdraw", "clear", "tick", "take_back", "note")


class ReviewForm(forms.Form):
    """One of the small forms of the page: a verb, what it is about, and words; of a tick the
    fingerprint of what was looked at."""

    do = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS])
    about = forms.CharField(max_length=40, required=False)
    note = forms.CharField(max_length=NOTE_LENGTH, required=False, widget=forms.Textarea)

    seen = forms.CharField(max_length=64, required=False)

    @property
    def number(self) -> int:
        """``about`` as a row's number; 0, which is none, for anything else. Valid forms only."""
        about = str(self.cleaned_data["about"])
        return int(about) if about.isascii() and about.isdecimal() and len(about) < 19 else 0
