"""Entering a company into the programme, and giving it a Connect code."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from connect_portal.audit.actions import record
from connect_portal.facts import sdk_default_tags
from connect_portal.institutions.codes import GENERATED_LENGTH, is_code
from connect_portal.institutions.enums import BusinessKind, Channel, CodeState, Tag
from connect_portal.institutions.errors import (
    CodeIssued,
    CodeMalformed,
    CodeOfLibrary,
    CodeTaken,
    NameTaken,
    NameUnusable,
)
from connect_portal.institutions.models import (
    NAME_LENGTH,
    ONE_IN_USE,
    SLUG_LENGTH,
    ConnectCode,
    Institution,
)
from connect_portal.kit.ids import random_code


@transaction.atomic
def open_institution(
    *,
    name: str,
    kind: BusinessKind,
    channels: Iterable[Channel],
    actor: str,
    venue_account_uid: str = "",
) -> Institution:
    """Enter a company into the programme, on the channels it chose.

    Raises NameUnusable and NameTaken: its address on this site is made of its name.
    """
    slug = slugify(name)[:SLUG_LENGTH].strip("-")
    if not slug or len(name) > NAME_LENGTH or "\0" in name:
        raise NameUnusable(name=name[:NAME_LENGTH])
    try:
        with transaction.atomic():
            institution = Institution.objects.create(
                name=name,
                slug=slug,
                kind=kind,
                channels=list(channels),
                venue_account_uid=venue_account_uid,
            )
    except IntegrityError as error:
        raise NameTaken(slug=slug) from error
    record(
        Tag.INSTITUTION_OPENED,
        actor=actor,
        subject=f"institution:{institution.pk}",
        data={"name": name, "kind": kind, "channels": institution.channels},
    )
    return institution


@transaction.atomic
def issue_code(
    institution_id: int,
    *,
    venue: str,
    actor: str,
    state: CodeState = CodeState.RESERVED,
    code: str | None = None,
) -> ConnectCode:
    """Give an institution its Connect code at ``venue``; generated unless ``code`` is given.

    Raises CodeMalformed, CodeOfLibrary, CodeTaken, and CodeIssued when it has one already. Codes
    are never reused, retired ones included.
    """
    text = random_code(GENERATED_LENGTH) if code is None else code
    if not is_code(text):
        raise CodeMalformed(code=text[:64])
    if text in sdk_default_tags():
        raise CodeOfLibrary(code=text, library=sdk_default_tags()[text])
    try:
        with transaction.atomic():
            issued = ConnectCode.objects.create(
                institution_id=institution_id, venue=venue, code=text, state=state
            )
    except IntegrityError as error:
        if ONE_IN_USE in str(error):
            raise CodeIssued(venue=venue) from error
        raise CodeTaken(code=text) from error
    record(
        Tag.CODE_ISSUED,
        actor=actor,
        subject=f"institution:{institution_id}",
        data={"venue": venue, "code": text, "state": state},
    )
    return issued
