"""Documents of an application: handed in, replaced, taken back; and the store swept.

A file is looked at and kept before the transaction, and the row that knows it is written in it;
a file without a row is an orphan that the sweep finds.
"""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.facts import document_kinds
from connect_portal.institutions.actions.applying import lock_editable
from connect_portal.institutions.enums import Tag
from connect_portal.institutions.form_errors import (
    Expired,
    ExpiryMissing,
    FileRefused,
    FileTooLarge,
    TooMany,
)
from connect_portal.institutions.inspecting import PNG, SUFFIXES, inspect
from connect_portal.institutions.models import Application, Document
from connect_portal.institutions.sections import LOGO
from connect_portal.kit import files, pictures
from connect_portal.kit.clock import now
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

MOST_DOCUMENTS: Final = 100
"""Versions included: what was handed in is never thrown away."""


def add_document(
    applicant: "Person",
    application_id: int,
    kind: str,
    file: IO[bytes],
    *,
    name: str,
    expires_on: date | None = None,
) -> Document:
    """Hand in a file, which replaces the one of its kind unless there may be several.

    Its type is what its content says; of ``name`` only the readable part is kept.
    Raises FileTooLarge, FileRefused, ExpiryMissing, Expired, TooMany, NoSuchMove.
    """
    _refuse_expiry(kind, expires_on, business_now().date())
    if not Application.objects.filter(pk=application_id, applicant=applicant).exists():
        raise Application.DoesNotExist
    kept = _keep(kind, file)
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        if application.documents.count() >= MOST_DOCUMENTS:
            raise TooMany(most=MOST_DOCUMENTS, what="files, replaced ones included")
        if not _is_repeated(kind):
            application.documents.filter(kind=kind, replaced_at=None).update(replaced_at=now())
        document = application.documents.create(
            kind=kind,
            name=_readable(name, kept.judged),
            media_type=kept.judged,
            size=kept.size,
            sha256=kept.sha256,
            expires_on=expires_on,
            uploaded_by=applicant,
        )
        _note(Tag.DOCUMENT_ADDED, document, applicant)
    return document


def remove_document(applicant: "Person", application_id: int, document_id: int) -> None:
    """Take a document back; it stays as a version. Again changes nothing. Raises NoSuchMove."""
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        document = application.documents.filter(pk=document_id, replaced_at=None).first()
        if document:
            document.replaced_at = now()
            document.save(update_fields=["replaced_at"])
            _note(Tag.DOCUMENT_REMOVED, document, applicant)


def sweep_documents() -> int:
    """Delete files that no document knows; how many."""
    return files.sweep(_known)


def _known(hashes: list[str]) -> Iterable[str]:
    return Document.objects.filter(sha256__in=hashes).values_list("sha256", flat=True)


def _keep(kind: str, file: IO[bytes]) -> files.Kept[str]:
    """Look at a file and keep it."""
    if file.seek(0, os.SEEK_END) > settings.UPLOAD_MOST_BYTES:
        raise FileTooLarge(most=settings.UPLOAD_MOST_BYTES // 2**20)
    try:
        return files.put(files.chunks_of(file), _judge_logo if kind == LOGO else inspect)
    except ValueError as error:
        raise FileRefused(reason=str(error)) from error


def _judge_logo(path: Path) -> str:
    """A logo is shown to end users, so it is a plain PNG of a sane size and nothing else."""
    if path.stat().st_size > pictures.MOST_BYTES:
        raise ValueError(f"A logo has at most {pictures.MOST_BYTES // 1024} KiB.")
    pictures.check(path.read_bytes())
    inspect(path)
    return PNG


def _is_repeated(kind: str) -> bool:
    asked = document_kinds().get(kind)
    return asked is not None and asked.is_repeated


def _refuse_expiry(kind: str, expires_on: date | None, today: date) -> None:
    asked = document_kinds().get(kind)
    if expires_on is None and asked and asked.is_required and asked.expires:
        raise ExpiryMissing()
    if expires_on is not None and expires_on < today:
        raise Expired(day=expires_on)


def _readable(name: str, media_type: str) -> str:
    """The readable part of a file's name, with the ending that its content deserves."""
    stem = Path(name.replace("\\", "/")).name.rpartition(".")[0] or name
    kept = "".join(letter if letter.isalnum() or letter in " -_()" else "_" for letter in stem)
    return f"{' '.join(kept.split())[:100].strip('_ ') or 'document'}{SUFFIXES[media_type]}"


def _note(tag: Tag, document: Document, applicant: "Person") -> None:
    """The audit line, and the moment at which the draft was last changed."""
    application = document.application
    application.saved_at = now()
    application.save(update_fields=["saved_at"])
    data = {"document": document.pk, "kind": document.kind, "sha256": document.sha256}
    record(tag, actor=applicant.actor, subject=application.subject, data=data)
