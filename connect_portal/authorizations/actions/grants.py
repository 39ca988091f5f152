"""The OAuth channel: consent, the end of a grant for whatever reason, and what runs out."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions import bindings, consents, letters, venue_keys
from connect_portal.authorizations.actions.accounts import account_to_use
from connect_portal.authorizations.actions.backing import (
    Backing,
    account_opened_by,
    backing_for,
)
from connect_portal.authorizations.actions.cancellations import ask_to_cancel
from connect_portal.authorizations.actions.receipts import write_receipt
from connect_portal.authorizations.enums import (
    STANDING_TOPIC,
    EndedBy,
    GrantState,
    News,
    Scope,
    Tag,
)
from connect_portal.authorizations.errors import ClientNotOpen, NotYourBinding, ProofNeeded
from connect_portal.authorizations.limits import NO_LIMITS, Limits, told
from connect_portal.authorizations.models import (
    FOR_FAST_API,
    AccessToken,
    AuthorizationCode,
    Client,
    Grant,
    PushedRequest,
    RefreshToken,
    VenueAccount,
)
from connect_portal.institutions.queries import code_of
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.people.queries import developer_ids
from connect_portal.venue.business_clock import ahead
from connect_portal.venue.types import Environment, TokenPair

TOKENS_KEPT_FOR: Final = timedelta(days=7)
"""How long a token that is over is still told from one that never was."""


def consent(
    *,
    person_id: int,
    client_id: int,
    account_id: int | None,
    scopes: Collection[Scope],
    days: int,
    actor: str,
    limits: Limits = NO_LIMITS,
    pair: TokenPair | None = None,
) -> Grant:
    """Let a client act on an account of the person, with a venue key made for this alone, or what
    `backing` finds at other venues; ``pair`` are the venue's own tokens, which name the account.
    For Fast API no key is made, and the one made with the consent before goes over to this one.

    ``account_id`` None stands for the account that the sandbox opens. A live grant of the same
    client and account is replaced. Raises ClientNotOpen, NotYourAccount, NoAccountHere,
    NoKeyForGrants, KeyMissing, AccountTaken, VenueAway; whatever was made at the venue by then is
    deleted by a sweep.
    """
    client = Client.objects.select_related("institution").get(pk=client_id)
    if not client.is_usable(None):
        raise ClientNotOpen()
    environment = Environment(client.environment)
    if pair is None:
        account = account_to_use(person_id, account_id, actor=actor, environment=environment)
        backing = backing_for(account, client.institution_id, scopes)
    else:
        account = account_opened_by(pair, person_id, environment, actor=actor)
        backing = Backing(pair=pair)
    offset = ahead()

    with transaction.atomic():
        # One writer per account: two consents sent at once end with one live grant.
        VenueAccount.objects.select_for_update().get(pk=account.pk)
        live = Grant.objects.select_for_update().filter(
            client=client, venue_account=account, state=GrantState.ACTIVE
        )
        is_fast = Scope.FAST_API in scopes
        before = list(live.filter(FOR_FAST_API) if is_fast else live.exclude(FOR_FAST_API))
        for grant in before:
            _end(grant, EndedBy.SUPERSEDED, offset, actor=actor)
        grant = Grant(
            institution_id=client.institution_id,
            client=client,
            person_id=person_id,
            venue_account=account,
            scopes=[scope for scope in Scope.values if scope in scopes],
            pairs=sorted(limits.pairs),
            most_per_order=limits.most_per_order,
            most_per_day=limits.most_per_day,
            granted_at=now() + offset,
            expires_at=now() + timedelta(days=days),
        )
        backing.put_behind(grant)
        _store(grant, actor=actor)
        consents.hand_over(before, grant)
    return grant


def _store(grant: Grant, *, actor: str) -> None:
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


def change_limits(
    grant_id: int, limits: Limits, *, owner_id: int, may_widen: bool, actor: str
) -> Grant:
    """Set the person's own limits on a grant; they hold from the next order on.

    Raises NotYourBinding; ProofNeeded for limits that allow more than those that stand, unless
    the person has just signed in afresh (``may_widen``).
    """
    with transaction.atomic():
        grant = _live_of(owner_id, grant_id)
        before = grant.limits
        if not (may_widen or limits.is_within(before)):
            raise ProofNeeded()
        grant.pairs = sorted(limits.pairs)
        grant.most_per_order = limits.most_per_order
        grant.most_per_day = limits.most_per_day
        grant.save(update_fields=["pairs", "most_per_order", "most_per_day"])
        data = {"from": told(before), "to": told(limits)}
        record(Tag.LIMITS_CHANGED, actor=actor, subject=f"grant:{grant.pk}", data=data)
    return grant


def end_grant(grant_id: int, *, owner_id: int, actor: str, cancel_orders: bool = False) -> Grant:
    """End a grant of the person: its tokens die at once, our copy of its key is destroyed and the
    key is deleted at the venue, after its open orders where those shall be canceled. Its
    institution is told. Raises NotYourBinding.
    """
    offset = ahead()
    with transaction.atomic():
        grant = _live_of(owner_id, grant_id)
        code = code_of(grant.institution_id, grant.venue_account.venue)
        _end(
            grant,
            EndedBy.USER,
            offset,
            actor=actor,
            code=code if cancel_orders and Scope.TRADE in grant.scopes else None,
        )
        letters.write(News.ENDED, grant, developer_ids(grant.institution_id))
    return grant


def _live_of(owner_id: int, grant_id: int) -> Grant:
    rows = Grant.objects.select_for_update(of=["self"])
    mine = rows.select_related("venue_account", "bound_key")
    grant = mine.filter(person_id=owner_id, pk=grant_id, state=GrantState.ACTIVE).first()
    if grant is None:
        raise NotYourBinding()
    return grant


def end_for(reason: EndedBy, grant_id: int, *, actor: str) -> None:
    """End a grant that is still active, for any other reason than its person's wish."""
    offset = ahead()
    with transaction.atomic():
        active = Grant.objects.select_for_update().filter(state=GrantState.ACTIVE)
        grant = active.filter(pk=grant_id).first()
        if grant is not None:
            _end(grant, reason, offset, actor=actor)


def _end(
    grant: Grant, reason: EndedBy, offset: timedelta, *, actor: str, code: str | None = None
) -> None:
    """End a grant that is held; open orders that carry ``code``, if one is given, are canceled."""
    if grant.venue_key_id is not None:
        venue_keys.drop(grant.venue_key_id)
    if code is not None:
        ask_to_cancel(grant, code)
    grant.state = GrantState.ENDED
    grant.ended_at = min(now(), grant.expires_at) + offset
    grant.ended_by = reason
    grant.sealed_credentials = None
    grant.save(update_fields=["state", "ended_at", "ended_by", "sealed_credentials"])
    if reason != EndedBy.SUPERSEDED:
        bindings.end_made_with(grant, reason, actor=actor)
    feed.ring_on_commit(STANDING_TOPIC, grant.pk)
    if reason == EndedBy.VENUE:
        letters.write(News.LOST, grant, [grant.person_id])
    data = {"by": reason, "cancels_orders": code is not None}
    record(Tag.GRANT_ENDED, actor=actor, subject=f"grant:{grant.pk}", data=data)


def end_expired() -> int:
    """End every grant that has run out; how many."""
    over = Grant.objects.filter(state=GrantState.ACTIVE, expires_at__lte=now())
    ids = list(over.order_by("pk").values_list("pk", flat=True))
    for grant_id in ids:
        end_for(EndedBy.EXPIRED, grant_id, actor="system:sweep")
    return len(ids)


def forget_old_tokens() -> None:
    """Delete codes and tokens that have been over for a week, and pushed requests at once."""
    then = now() - TOKENS_KEPT_FOR
    PushedRequest.objects.filter(expires_at__lt=now()).delete()
    AuthorizationCode.objects.filter(expires__lt=then).delete()
    AccessToken.objects.filter(expires__lt=then).delete()
    RefreshToken.objects.filter(grant__expires_at__lt=then).delete()
    RefreshToken.objects.filter(grant__ended_at__lt=then).delete()
