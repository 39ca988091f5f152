"""allauth's headings, labels and buttons in the case of all others: Change Password becomes Change
password."""

import re
from typing import Final

from django import template
from django.template.defaultfilters import stringfilter

register = template.Library()

_LATER_WORD: Final = re.compile(r"(?<=\w[ -])[A-Z](?=[a-z])")
"""The capital of a word after the first; abbreviations stay."""


@register.filter(is_safe=True)
@stringfilter
def sentence(title: str) -> str:
    """A title as a sentence begins, without the colon that allauth puts behind labels."""
    return _LATER_WORD.sub(lambda capital: capital[0].lower(), title.strip().removesuffix(":"))
