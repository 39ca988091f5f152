"""What an application says, field by field: as values to compare, and as words to read.

A field goes by the name that it has in the form; see `models.ChangeRequest.field`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from connect_portal.facts import document_kinds
from connect_portal.institutions.models import Application, VenueKey
from connect_portal.institutions.sections import COLUMNS, FIELDS, LOGO, Section

ROWS: Final = ("people", "venue_key", LOGO)
"""Fields that have tables of their own; documents go by ``document:<kind>``."""
_ABOUT_THE_WHOLE: Final = ("", "terms")


def fields_in(section: Section) -> list[str]:
    """The fields of a section about which people may be asked, in the order of the form."""
    return [name for name in FIELDS[section] if name not in _ABOUT_THE_WHOLE]


def answers_of(application: Application) -> dict[str, Any]:
    """Every answer by its field, as JSON values: the columns, who is behind the company, the
    account that its key opens, and the hashes of its documents."""
    key = VenueKey.objects.filter(application=application).first()
    answers = _columns_of(application) | {
        "people": _people_of(application),
        "venue_key": f"{key.hint}…, account {key.uid}" if key else "",
        LOGO: [],
    }
    documents = application.documents.filter(replaced_at=None).order_by("kind", "sha256")
    for kind, sha256 in documents.values_list("kind", "sha256"):
        answers.setdefault(document_field(kind), []).append(sha256)
    return answers


def document_field(kind: str) -> str:
    """The field in which a document of that kind is handed in."""
    return LOGO if kind == LOGO else f"document:{kind}"


def is_field(field: str) -> bool:
    """Whether people may be asked about it; see `models.ChangeRequest.field`."""
    if field.startswith("document:"):
        return field.removeprefix("document:") in document_kinds()
    return field == "" or any(field in fields_in(section) for section in Section)


def fingerprint(answers: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of answers as canonical JSON."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()


def _columns_of(application: Application) -> dict[str, Any]:
    fields = [name for section in Section for name in fields_in(section) if name not in ROWS]
    return {name: _plain(getattr(application, COLUMNS.get(name, name))) for name in fields}


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
