"""End sessions: the browser that held one has to sign in at its next request."""

from collections.abc import Sequence

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.people.enums import Tag
from connect_portal.people.models import Person


@transaction.atomic
def end_sessions(person: Person, only: Sequence[int] | None = None, *, actor: str) -> int:
    """End the person's sessions, all or ``only`` those with these numbers; how many ended.

    Sessions lie in the database, so it holds from the commit on.
    """
    rows = UserSession.objects.select_for_update().filter(user=person)
    if only is not None:
        rows = rows.filter(pk__in=only)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    if keys:
        record(Tag.SESSIONS_ENDED, actor=actor, subject=person.actor, data={"count": len(keys)})
    return len(keys)
