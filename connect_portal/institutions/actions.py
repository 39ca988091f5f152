"""Writes of this room. Each owns its transaction and its audit line."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from connect_portal.audit.actions import record
from connect_portal.institutions.codes import GENERATED_LENGTH, is_code
from connect_portal.institutions.enums import BusinessKind, Channel, CodeState, Tag
from connect_portal.institutions.errors import CodeMalformed, CodeTaken
from connect_portal.institutions.models import ConnectCode, Institution
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
    """Enter a company into the programme, on the channels it chose."""
    institution = Institution.objects.create(
        name=name,
        slug=slugify(name),
        kind=kind,
        channels=list(channels),
        venue_account_uid=venue_account_uid,
    )
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

    Raises CodeMalformed and CodeTaken. Codes are never reused, retired ones included.
    """
    text = code or random_code(GENERATED_LENGTH)
    if not is_code(text):
        raise CodeMalformed(code=text)
    try:
        with transaction.atomic():
            issued = ConnectCode.objects.create(
                institution_id=institution_id, venue=venue, code=text, state=state
            )
    except IntegrityError as error:
        raise CodeTaken(code=text) from error
    record(
        Tag.CODE_ISSUED,
        actor=actor,
        subject=f"institution:{institution_id}",
        data={"venue": venue, "code": text, "state": state},
    )
    return issued
