"""Uploading a watch list."""

from django import forms

from connect_portal.institutions.watching import MOST_ROWS


class WatchListForm(forms.Form):
    """A list as a file."""

    file = forms.FileField(
        label="List as CSV",
        max_length=120,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text="Columns kind (country or name), value and perhaps source, in UTF-8, at most "
        f"{MOST_ROWS:,} lines. A country is its ISO 3166-1 code. It replaces the whole list.",
    )
