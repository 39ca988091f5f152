"""Where a client may be answered: asked for by the institution, proposed by somebody technical of
the exchange, approved by an account manager, and gone at a word of the institution."""

from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import (
    OPEN_REDIRECTS,
    REDIRECT_PARTS,
    RedirectState,
    Tag,
)
from connect_portal.authorizations.errors import (
    NoSuchRedirect,
    NotYourPart,
    RedirectKnown,
    TooManyRedirects,
)
from connect_portal.authorizations.models import Client, RedirectProposal, RedirectURI
from connect_portal.kit.clock import now

MOST: Final = 20


@transaction.atomic
def approve_redirect(client_id: int, uri: str, *, proposed_by: str, approved_by: str) -> None:
    """Let the client ``client_id`` (its row) be answered at exactly ``uri``; two actors, never
    the same. Again changes nothing."""
    _, is_new = RedirectURI.objects.get_or_create(
        client_id=client_id,
        uri=uri,
        withdrawn_at=None,
        defaults={"proposed_by": proposed_by, "approved_by": approved_by},
    )
    if is_new:
        data = {"uri": uri, "proposed_by": proposed_by}
        record(Tag.REDIRECT_APPROVED, actor=approved_by, subject=f"client:{client_id}", data=data)


@transaction.atomic
def ask_redirect(client_id: int, uri: str, *, actor: str) -> RedirectProposal:
    """Ask for a checked address in the institution's name. Raises RedirectKnown,
    TooManyRedirects."""
    client = Client.objects.select_for_update().get(pk=client_id)
    waiting = client.redirect_proposals.filter(state__in=OPEN_REDIRECTS)
    standing = client.redirects.filter(withdrawn_at=None)
    if standing.filter(uri=uri).exists() or waiting.filter(uri=uri).exists():
        raise RedirectKnown()
    if waiting.count() + standing.count() >= MOST:
        raise TooManyRedirects(most=MOST)
    asked = RedirectProposal.objects.create(client=client, uri=uri, asked_by=actor)
    record(Tag.REDIRECT_ASKED, actor=actor, subject=f"client:{client_id}", data={"uri": uri})
    return asked


@transaction.atomic
def decide_redirect(
    proposal_id: int, *, yes: bool, role: str, actor: str, reason: str = ""
) -> RedirectProposal:
    """Take an address that was asked for one step further, or refuse it.

    Somebody technical proposes what was asked for, an account manager approves what was proposed;
    either may refuse at their step, and a database constraint holds that they are two. Raises
    NoSuchRedirect, NotYourPart.
    """
    rows = RedirectProposal.objects.select_for_update(of=["self"]).filter(state__in=OPEN_REDIRECTS)
    found = rows.filter(pk=proposal_id).first()
    if found is None:
        raise NoSuchRedirect()
    part = REDIRECT_PARTS[RedirectState(found.state)]
    if role != part or actor in (found.asked_by, found.proposed_by):
        raise NotYourPart(who=part.label)
    if not yes:
        _refuse(found, actor=actor, reason=reason)
    elif found.state == RedirectState.ASKED:
        _propose(found, actor=actor)
    else:
        _approve(found, actor=actor)
    return found


@transaction.atomic
def withdraw_redirect(client_id: int, redirect_id: int, *, actor: str) -> None:
    """Let the client be answered there no more, from the next request on. Raises
    NoSuchRedirect."""
    standing = RedirectURI.objects.select_for_update().filter(withdrawn_at=None)
    found = standing.filter(pk=redirect_id, client_id=client_id).first()
    if found is None:
        raise NoSuchRedirect()
    found.withdrawn_at = now()
    found.save(update_fields=["withdrawn_at"])
    data = {"uri": found.uri}
    record(Tag.REDIRECT_WITHDRAWN, actor=actor, subject=f"client:{client_id}", data=data)


def _propose(found: RedirectProposal, *, actor: str) -> None:
    found.state, found.proposed_by = RedirectState.PROPOSED, actor
    found.save(update_fields=["state", "proposed_by"])
    _note(Tag.REDIRECT_PROPOSED, found, actor=actor)


def _approve(found: RedirectProposal, *, actor: str) -> None:
    found.state, found.approved_by, found.decided_at = RedirectState.APPROVED, actor, now()
    found.save(update_fields=["state", "approved_by", "decided_at"])
    approve_redirect(found.client_id, found.uri, proposed_by=found.proposed_by, approved_by=actor)


def _refuse(found: RedirectProposal, *, actor: str, reason: str) -> None:
    found.state, found.refused_by, found.decided_at = RedirectState.REFUSED, actor, now()
    found.reason = reason
    found.save(update_fields=["state", "refused_by", "reason", "decided_at"])
    _note(Tag.REDIRECT_REFUSED, found, actor=actor)


def _note(tag: Tag, found: RedirectProposal, *, actor: str) -> None:
    record(tag, actor=actor, subject=f"client:{found.client_id}", data={"uri": found.uri})
