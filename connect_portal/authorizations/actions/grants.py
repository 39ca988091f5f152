"""The OAuth channel: consent, the end of a grant for whatever reason, and what runs out."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions import bindings, fast_grants, letters, venue_keys
from connect_portal.authorizations.actions.accounts import account_to_use
from connect_portal.authorizations.actions.bindings import STANDING_TOPIC
from connect_portal.authorizations.actions.receipts import write_receipt
from connect_portal.authorizations.enums import EndedBy, GrantState, News, Scope, Tag
from connect_portal.authorizations.errors import ClientNotOpen, NotYourBinding
from connect_portal.authorizations.limits import NO_LIMITS, Limits, told
from connect_portal.authorizations.models import (
    FOR_FAST_API,
    AccessToken,
    AuthorizationCode,
    Client,
    Grant,
    RefreshToken,
    VenueAccount,
    VenueKey,
)
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.venue.business_clock import ahead
from connect_portal.venue.types import Credentials

TOKENS_KEPT_FOR: Final = timedelta(days=7)
"""How long a token that is over is still told from one that never was."""
NOTED_EVERY: Final = timedelta(minutes=1)


def consent(
    *,
    person_id: int,
    client_id: int,
    account_id: int | None,
    scopes: Collection[Scope],
    days: int,
    actor: str,
    limits: Limits = NO_LIMITS,
) -> Grant:
    """Let a client act on an account of the person, with a venue key made for this alone; for Fast
    API none is made, and the key made with the consent before goes over to this one.

    ``account_id`` None stands for the account that the sandbox opens. A live grant of the same
    client and account is replaced. Raises ClientNotOpen, NotYourAccount, NoAccountHere,
    NoKeyForGrants, VenueAway; whatever was made at the venue by then is deleted by a sweep.
    """
    client = Client.objects.select_related("institution").get(pk=client_id)
    if not client.is_usable(None):
        raise ClientNotOpen()
    account = account_to_use(person_id, account_id, actor=actor)
    is_fast = Scope.FAST_API in scopes
    key, credentials = (None, None) if is_fast else _key_for(account, scopes)
    offset = ahead()

    with transaction.atomic():
        # One writer per account: two consents sent at once end with one live grant.
        VenueAccount.objects.select_for_update().get(pk=account.pk)
        live = Grant.objects.select_for_update().filter(
            client=client, venue_account=account, state=GrantState.ACTIVE
        )
        before = list(live.filter(FOR_FAST_API) if is_fast else live.exclude(FOR_FAST_API))
        for grant in before:
            _end(grant, EndedBy.SUPERSEDED, offset, actor=actor)
        grant = Grant(
            institution_id=client.institution_id,
            client=client,
            person_id=person_id,
            venue_account=account,
            venue_key=key,
            scopes=[scope for scope in Scope.values if scope in scopes],
            pairs=sorted(limits.pairs),
            most_per_order=limits.most_per_order,
            most_per_day=limits.most_per_day,
            granted_at=now() + offset,
            expires_at=now() + timedelta(days=days),
        )
        _store(grant, credentials, actor=actor)
        fast_grants.hand_over(before, grant)
    return grant


def _key_for(account: VenueAccount, scopes: Collection[Scope]) -> tuple[VenueKey, Credentials]:
    key = venue_keys.promise(account)
    return key, venue_keys.make(key, scopes)


def _store(grant: Grant, credentials: Credentials | None, *, actor: str) -> None:
    if grant.venue_key and credentials:
        venue_keys.claim(grant.venue_key)
        grant.keep(credentials)
    grant.save()
    receipt = write_receipt(grant)
    letters.write(News.CONSENTED, grant, [grant.person_id])
    enqueue_on_commit("trades.catch_up", account_ids=[grant.venue_account_id])
    feed.ring_on_commit(STANDING_TOPIC, grant.pk)
    record(
        Tag.GRANTED,
        actor=actor,
        subject=f"grant:{grant.pk}",
        data={
            "institution": grant.institution_id,
            "uid": grant.venue_account.uid,
            "scopes": grant.scopes,
            "limits": told(grant.limits),
            "expires_at": grant.expires_at,
            "key": grant.key_fingerprint,
            "wording": receipt.wording,
            "receipt": receipt.sha256,
        },
    )


def end_grant(grant_id: int, *, owner_id: int, actor: str) -> Grant:
    """End a grant of the person: its tokens die at once, our copy of its key is destroyed and the
    key is deleted at the venue. Raises NotYourBinding.
    """
    offset = ahead()
    with transaction.atomic():
        mine = Grant.objects.select_for_update(of=["self"]).filter(person_id=owner_id)
        grant = mine.filter(pk=grant_id, state=GrantState.ACTIVE).first()
        if grant is None:
            raise NotYourBinding()
        _end(grant, EndedBy.USER, offset, actor=actor)
    return grant


def end_for(reason: EndedBy, grant_id: int, *, actor: str) -> None:
    """End a grant that is still active, for any other reason than its person's wish."""
    offset = ahead()
    with transaction.atomic():
        active = Grant.objects.select_for_update().filter(state=GrantState.ACTIVE)
        grant = active.filter(pk=grant_id).first()
        if grant is not None:
            _end(grant, reason, offset, actor=actor)


def _end(grant: Grant, reason: EndedBy, offset: timedelta, *, actor: str) -> None:
    grant.state = GrantState.ENDED
    grant.ended_at = min(now(), grant.expires_at) + offset
    grant.ended_by = reason
    grant.sealed_credentials = None
    grant.save(update_fields=["state", "ended_at", "ended_by", "sealed_credentials"])
    if grant.venue_key_id is not None:
        venue_keys.drop(grant.venue_key_id)
    if reason != EndedBy.SUPERSEDED:
        bindings.end_made_with(grant, reason, actor=actor)
    feed.ring_on_commit(STANDING_TOPIC, grant.pk)
    data = {"by": reason}
    record(Tag.GRANT_ENDED, actor=actor, subject=f"grant:{grant.pk}", data=data)


def note_use(grant_id: int) -> None:
    """Remember that a grant was used, to the minute."""
    stale = Grant.objects.exclude(last_used_at__gt=now() - NOTED_EVERY)
    stale.filter(pk=grant_id).update(last_used_at=now())


def end_expired() -> int:
    """End every grant that has run out; how many."""
    over = Grant.objects.filter(state=GrantState.ACTIVE, expires_at__lte=now())
    ids = list(over.order_by("pk").values_list("pk", flat=True))
    for grant_id in ids:
        end_for(EndedBy.EXPIRED, grant_id, actor="system:sweep")
    return len(ids)


def forget_old_tokens() -> None:
    """Delete codes and tokens that have been over for a week."""
    then = now() - TOKENS_KEPT_FOR
    AuthorizationCode.objects.filter(expires__lt=then).delete()
    AccessToken.objects.filter(expires__lt=then).delete()
    RefreshToken.objects.filter(grant__expires_at__lt=then).delete()
    RefreshToken.objects.filter(grant__ended_at__lt=then).delete()
