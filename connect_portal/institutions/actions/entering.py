"""Entering a company into the programme, and giving it a Connect code."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from connect_portal.audit.actions import record
from connect_portal.facts import sdk_default_tags
from connect_portal.institutions.codes import GENERATED_LENGTH, is_code
from connect_portal.institutions.enums import OVER_CODES, BusinessKind, Channel, CodeState, Tag
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
    Application,
    ConnectCode,
    Institution,
)
from connect_portal.institutions.rules import address_word
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
    slug = address_word(name)
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
    issued = _issue(ConnectCode(institution_id=institution_id, venue=venue, code=text, state=state))
    record(
        Tag.CODE_ISSUED,
        actor=actor,
        subject=f"institution:{institution_id}",
        data={"venue": venue, "code": text, "state": state},
    )
    return issued


@transaction.atomic
def reserve_code(application: Application, *, venue: str, actor: str) -> ConnectCode:
    """The Connect code kept for an application at ``venue``: generated once, then the same."""
    kept = application.codes.filter(venue=venue).exclude(state__in=OVER_CODES).first()
    if kept:
        return kept
    text = random_code(GENERATED_LENGTH)
    reserved = _issue(
        ConnectCode(application=application, venue=venue, code=text, state=CodeState.RESERVED)
    )
    data = {"venue": venue, "code": text, "state": reserved.state}
    record(Tag.CODE_ISSUED, actor=actor, subject=application.subject, data=data)
    return reserved


def _issue(code: ConnectCode) -> ConnectCode:
    if not is_code(code.code):
        raise CodeMalformed(code=code.code[:64])
    if library := sdk_default_tags().get(code.code):
        raise CodeOfLibrary(code=code.code, library=library)
    try:
        with transaction.atomic():
            code.save(force_insert=True)
    except IntegrityError as error:
        if ONE_IN_USE in str(error):
            raise CodeIssued(venue=code.venue) from error
        raise CodeTaken(code=code.code) from error
    return code
