"""Forms of this room."""

from datetime import date

from django import forms


class CloseDayForm(forms.Form):
    """Which day to close."""

    day = forms.DateField(
        label="Day, UTC",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    @classmethod
    def for_day(cls, day: date) -> "CloseDayForm":
        """The form as it is first shown."""
        return cls(initial={"day": day})
