"""What an application says, field by field: as values to compare, and as words to read.

A field goes by the name that it has in the form; see `models.ChangeRequest.field`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import models

from connect_portal.facts import document_kinds
from connect_portal.institutions.models import Application

_KEPT_BY_US: Final = {"id", "step", "malformed", "terms_version"}
_FORM_NAMES: Final = {"channels": "model"}
"""Columns whose field in the form has another name."""


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
    return field in ("", "people") or field in _columns_of(Application())


def fingerprint(answers: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of answers as canonical JSON."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()


def _columns_of(application: Application) -> dict[str, Any]:
    return {
        _FORM_NAMES.get(column.name, column.name): _plain(getattr(application, column.name))
        for column in application._meta.concrete_fields
        if _is_answer(column)
    }


def _people_of(application: Application) -> list[str]:
    return [
        ", ".join(part for part in (one.name, one.role_names, one.country_name, one.email) if part)
        + (f", {one.share} %" if one.share is not None else "")
        for one in application.people.all()
    ]


def _is_answer(column: "models.Field[Any, Any]") -> bool:
    """Whether the applicant filled it in: relations, moments and states are kept by us."""
    kept_by_us = column.is_relation or isinstance(column, models.DateTimeField)
    return not kept_by_us and column.name not in _KEPT_BY_US


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sorted(str(one) for one in value)
    return value if value is None or isinstance(value, bool | int) else str(value)
