"""The team of an institution."""

from django import forms

from connect_portal.people.enums import MembershipRole


class InvitationForm(forms.Form):
    """Somebody is invited into the team."""

    email = forms.EmailField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        choices=MembershipRole.choices,
        initial=MembershipRole.VIEWER,
        help_text="Owners may do everything. Developers change what is technical and see no "
        "statements. Finance and viewers look on.",
    )


class TeamForm(forms.Form):
    """A button beside a row of the team."""

    do = forms.ChoiceField(choices=[(verb, verb) for verb in ("withdraw", "end", "role")])
    row = forms.IntegerField(min_value=1, max_value=2**62)
    role = forms.ChoiceField(choices=MembershipRole.choices, required=False)
