"""What an application says, field by field: as values to compare, and as words to read.

A field goes by the name that it has in the form; see `models.ChangeRequest.field`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from connect_portal.facts import document_kinds
from connect_portal.institutions.models import Application

SECTIONS: Final = (
    ("Business", ("kind", "other_kinds", "model", "website", "description")),
    ("Plans", ("expected_users", "expected_volume")),
    (
        "Legal entity",
        (
            "company",
            "trading_name",
            "registration_number",
            "registered_on",
            "country",
            "region",
            "registered_address",
            "principal_address",
        ),
    ),
    ("People", ("people", "has_no_owner")),
    (
        "Contacts",
        (
            "contact_name",
            "contact_email",
            "technical_contact_name",
            "technical_contact_email",
            "finance_contact_name",
            "finance_contact_email",
        ),
    ),
    ("Technical", ("venue_account_uid", "redirect_uris", "ips")),
)
"""The answers by the sections of the form, in its order."""
_COLUMNS: Final = {"model": "channels"}
"""Fields of the form whose column has another name."""


def answers_of(application: Application) -> dict[str, Any]:
    """Every answer by its field, in the order of the form, as JSON values: the columns, then who is
    behind the company, then the hashes of its documents by kind."""
    answers = _columns_of(application) | {"people": _people_of(application)}
    documents = application.documents.filter(replaced_at=None).order_by("kind", "sha256")
    for kind, sha256 in documents.values_list("kind", "sha256"):
        answers.setdefault(f"document:{kind}", []).append(sha256)
    return answers


def is_field(field: str) -> bool:
    """Whether people may be asked about it; see `models.ChangeRequest.field`."""
    if field.startswith("document:"):
        return field.removeprefix("document:") in document_kinds()
    return field in ("", *(name for _, names in SECTIONS for name in names))


def fingerprint(answers: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of answers as canonical JSON."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()


def _columns_of(application: Application) -> dict[str, Any]:
    fields = [name for _, names in SECTIONS for name in names if name != "people"]
    return {name: _plain(getattr(application, _COLUMNS.get(name, name))) for name in fields}


def _people_of(application: Application) -> list[str]:
    return [
        ", ".join(part for part in (one.name, one.role_names, one.country_name, one.email) if part)
        + (f", {one.share} %" if one.share is not None else "")
        for one in application.people.all()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sorted(str(one) for one in value)
    return value if value is None or isinstance(value, bool | int) else str(value)
