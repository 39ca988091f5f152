"""The text of the contract and its fingerprint: what is read is what is kept."""

import hashlib

from django.template.loader import render_to_string

from connect_portal.institutions.models import Institution


def text_of(institution: Institution, *, code: str, plan_version_id: int, level: int) -> str:
    """The whole contract as plain text, the same for the same terms every time."""
    context = {
        "institution": institution,
        "code": code,
        "plan_version_id": plan_version_id,
        "level": level,
    }
    return render_to_string("institutions/contract.txt", context)


def sha256_of(text: str) -> str:
    """The SHA-256 of the text in UTF-8, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()
