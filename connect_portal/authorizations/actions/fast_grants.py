"""The consent behind a key that was made over Fast API: it ends with its key, or hands it on."""

from collections.abc import Collection
from datetime import datetime

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import LIVE_STATES, EndedBy, GrantState, Tag
from connect_portal.authorizations.models import Binding, Grant


def hand_over(before: Collection[Grant], grant: Grant) -> None:
    """Let the keys that were made with consents ``before`` hang on ``grant``, which took their
    place: an institution asks anew to have its key deleted or another made."""
    theirs = Binding.objects.filter(grant__in=before, state__in=LIVE_STATES)
    theirs.update(grant=grant)


def end_behind(binding: Binding, at: datetime, *, actor: str) -> None:
    """End the consent with which the key of ``binding`` was made, so that its person's no to the
    key is not answered with another one."""
    if binding.grant_id is None:
        return
    active = Grant.objects.filter(pk=binding.grant_id, state=GrantState.ACTIVE)
    if active.update(state=GrantState.ENDED, ended_at=at, ended_by=EndedBy.USER):
        data = {"by": EndedBy.USER}
        record(Tag.GRANT_ENDED, actor=actor, subject=f"grant:{binding.grant_id}", data=data)
