"""What staff fill in to end every connection of an institution."""

from django import forms


class EndingForm(forms.Form):
    """Why it is proposed."""

    reason = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The account manager decides by it, and the audit trail keeps it.",
    )
    cancel_orders = forms.BooleanField(
        required=False,
        label="Cancel open orders",
        help_text="Those that carry its code and were placed by consent, through the keys behind "
        "them, before these are deleted. Else people cancel them at the venue themselves.",
    )
