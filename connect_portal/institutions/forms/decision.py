"""What a member of staff decides."""

from django import forms

from connect_portal.institutions.enums import RejectReason
from connect_portal.institutions.models import NOTE_LENGTH


class DecisionForm(forms.Form):
    """What a member of staff decides, and the note that goes with it."""

    choice = forms.RegexField(r"^(move|propose|confirm|decline):[a-z0-9_]{1,20}\Z")
    note = forms.CharField(
        required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )

    reason = forms.ChoiceField(
        label="Reason of a rejection",
        choices=[("", "Choose one"), *RejectReason.choices],
        required=False,
    )

    @property
    def verb(self) -> tuple[str, str]:
        """The verb and what it is about: an event, or a proposal's number; valid forms only."""
        verb, _, about = self.cleaned_data["choice"].partition(":")
        return verb, about
