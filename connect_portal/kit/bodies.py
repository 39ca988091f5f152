"""Bodies that programs send: small, and a form that can be read, or refused before anything else.

A door for programs answers in its own language, so it asks here before Django would answer with a
page. The views of people need none of this.
"""

from typing import Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

MOST: Final = 64 * 1024
"""Bytes: many times what any of these requests takes."""


def is_small(request: HttpRequest) -> bool:
    """Whether the body says beforehand that it is; one of unsaid length counts as empty."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) <= MOST


def is_a_form(request: HttpRequest) -> bool:
    """Whether the body can be read as the form that its type announces."""
    try:
        return request.POST is not None
    except (SuspiciousOperation, MultiPartParserError):
        return False
