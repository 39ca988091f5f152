"""Watch lists: uploaded by compliance, in force once a second person has approved them."""

import hashlib
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.enums import Tag, WatchListState
from connect_portal.institutions.errors import NotYourPart
from connect_portal.institutions.models import ONE_WAITING, WatchEntry, WatchList
from connect_portal.institutions.moves import REVIEWERS, Hand
from connect_portal.institutions.review_errors import (
    ListDecided,
    ListMalformed,
    ListWaits,
    OwnList,
)
from connect_portal.institutions.rules import may_decide_list, may_upload_list
from connect_portal.institutions.watching import read_list
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_NAME_LENGTH: Final = 120


def upload_list(content: bytes, *, file_name: str, person: "Person", actor: str) -> WatchList:
    """Keep a list as it was uploaded (CSV, see `watching`); a second person has to approve it.

    Raises NotYourPart, ListMalformed, ListWaits.
    """
    if not may_upload_list(person):
        raise NotYourPart(hands=Hand.COMPLIANCE.label)
    try:
        entries = read_list(content)
    except ValueError as error:
        raise ListMalformed(why=str(error)) from error
    at = business_now()
    with transaction.atomic():
        row = WatchList(
            file_name=file_name[:_NAME_LENGTH],
            sha256=hashlib.sha256(content).hexdigest(),
            rows=len(entries),
            uploaded_by=person,
            uploaded_at=at,
        )
        _save(row)
        lines = [
            WatchEntry(watch_list=row, kind=one.kind, value=one.value, source=one.source)
            for one in entries
        ]
        WatchEntry.objects.bulk_create(lines, batch_size=2000)
        data = {"sha256": row.sha256, "rows": row.rows, "file": row.file_name}
        record(Tag.WATCH_LIST_UPLOADED, actor=actor, subject=row.subject, data=data)
    return row


def approve_list(list_id: int, *, person: "Person", actor: str) -> WatchList:
    """Bring a list into force, as the second person; everybody is compared with it after commit.

    Raises NotYourPart, OwnList, ListDecided (who was first).
    """
    at = business_now()
    with transaction.atomic():
        row = _undecided(list_id, person)
        if row.uploaded_by_id == person.pk:
            raise OwnList()
        row.state, row.decided_by, row.decided_at = WatchListState.APPROVED, person, at
        row.save(update_fields=["state", "decided_by", "decided_at"])
        enqueue_on_commit("institutions.screen_again")
        data = {"sha256": row.sha256, "uploaded_by": row.uploaded_by.actor}
        record(Tag.WATCH_LIST_APPROVED, actor=actor, subject=row.subject, data=data)
    return row


def decline_list(list_id: int, *, person: "Person", actor: str) -> WatchList:
    """Refuse a list, or take one's own back. Raises NotYourPart, ListDecided."""
    at = business_now()
    with transaction.atomic():
        row = _undecided(list_id, person)
        row.state, row.decided_by, row.decided_at = WatchListState.DECLINED, person, at
        row.save(update_fields=["state", "decided_by", "decided_at"])
        data = {"sha256": row.sha256}
        record(Tag.WATCH_LIST_DECLINED, actor=actor, subject=row.subject, data=data)
    return row


def _save(row: WatchList) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if ONE_WAITING not in str(error):
            raise
        there = WatchList.objects.get(state=WatchListState.OPEN)
        raise ListWaits(name=there.uploaded_by, at=there.uploaded_at) from error


def _undecided(list_id: int, person: "Person") -> WatchList:
    if not may_decide_list(person):
        raise NotYourPart(hands=" or ".join(hand.label for hand in REVIEWERS))
    row = WatchList.objects.select_for_update().get(pk=list_id)
    if row.state != WatchListState.OPEN:
        assert row.decided_at is not None  # held by a constraint
        how = row.get_state_display().lower()
        raise ListDecided(how=how, name=row.decided_by, at=row.decided_at)
    return row
