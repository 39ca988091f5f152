"""A field of several values, one a line."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings

_MOST_LINES = 20


class Lines(forms.CharField):
    """Several values, one a line; each is read by ``read`` and said what is wrong with."""

    widget = forms.Textarea

    def __init__(self, *, read: Callable[..., str], **kwargs: Any) -> None:
        super().__init__(max_length=12_000, **kwargs)
        self.read = read

    def clean(self, value: Any) -> list[str]:
        """The values without repetition, in their order."""
        lines = dict.fromkeys(line.strip() for line in super().clean(value).splitlines())
        lines.pop("", None)
        if len(lines) > _MOST_LINES:
            raise forms.ValidationError(f"{_MOST_LINES} at most; here are {len(lines)}.")
        kept, wrong = [], []
        for line in lines:
            try:
                kept.append(self.read(line, loopback=settings.EMBEDDED or settings.DEMO))
            except ValueError as error:
                wrong.append(str(error))
        if wrong:
            raise forms.ValidationError(wrong)
        return list(dict.fromkeys(kept))
