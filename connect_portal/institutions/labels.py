"""The fields of an application as people read them. Pure Python.

A field goes by the name that it has in the form: see `models.ChangeRequest`.
"""

from typing import Final

from connect_portal.facts import document_kinds

_LABELS: Final = {
    "": "The whole application",
    "has_no_owner": "No beneficial owner",
    "ips": "Servers",
    "kind": "Kind of business",
    "redirect_uris": "Redirect URIs",
    "venue_key": "Read-only key",
    "venue_account_uid": "Own venue account",
}


def label_of(field: str) -> str:
    """A field as people read it."""
    if field in _LABELS:
        return _LABELS[field]
    if field.startswith("document:"):
        kind = document_kinds().get(field.removeprefix("document:"))
        return kind.name if kind else "A document"
    return field.replace("_", " ").capitalize()
