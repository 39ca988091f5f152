"""The venue's own tokens behind grants: the next pair is fetched before the one in use runs out.

Whoever fetches has claimed the row for a while, so that a refresh token is shown once; no
transaction is open while the venue is asked.
"""

import logging
import time
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from connect_portal.authorizations.actions import grants
from connect_portal.authorizations.enums import EndedBy, GrantState
from connect_portal.authorizations.errors import TokenRevoked, VenueAway, VenueDenied
from connect_portal.authorizations.models import Grant
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.kit.secrets import SealBroken
from connect_portal.venue.errors import KeyRefused, Unavailable, VenueError
from connect_portal.venue.registry import venue_oauth
from connect_portal.venue.types import TokenPair, VenueToken

log = logging.getLogger(__name__)

ACTOR: Final = "system:venue_tokens"
AHEAD: Final = timedelta(minutes=10)
"""How long before it runs out an access token is replaced."""
CLAIM: Final = timedelta(seconds=30)
"""Longer than the venue may take to answer; what failed is tried again after it."""
PATIENCE: Final = timedelta(seconds=2)
PAUSE: Final = timedelta(milliseconds=100)
AT_ONCE: Final = 50


def redeem_at_venue(code: str) -> TokenPair:
    """The venue's tokens for its code. Raises VenueDenied, VenueAway."""
    oauth = venue_oauth()
    if oauth is None:
        raise VenueDenied()
    try:
        return oauth.redeem(code)
    except VenueError as error:
        log.warning("the venue gave no tokens for its code: %s", error)
        raise (VenueAway() if error.retryable else VenueDenied()) from error


def refresh_due(limit: int = AT_ONCE) -> int:
    """Fetch the next pair for grants whose token runs out soon; for how many it was fetched."""
    due = _due().order_by("token_expires_at").values_list("pk", flat=True)[:limit]
    return sum(_refresh(pk) for pk in list(due))


def fresh_token(grant_id: int) -> VenueToken:
    """The access token of a grant, for whom it has run out before the next one came.

    Raises TokenRevoked where the venue ends the grant, Unavailable where there is no token now.
    """
    deadline = now() + PATIENCE
    while True:
        grant = Grant.objects.get(pk=grant_id)
        if grant.state != GrantState.ACTIVE:
            raise TokenRevoked()
        token = grant.pair().access
        if token.expires_at > now():
            return token
        if not _refresh(grant_id) and now() > deadline:
            raise Unavailable("the venue gave no new token")
        time.sleep(PAUSE.total_seconds())


def doubt(grant_id: int) -> bool:
    """Have the token of a grant replaced at once, since the venue refused it: it was either
    replaced a moment ago, or the venue will say now that the grant is over. False for a grant
    without one."""
    mine = Grant.objects.filter(pk=grant_id, token_expires_at__isnull=False)
    active = mine.filter(state=GrantState.ACTIVE, token_claimed_until=None)
    if active.update(token_expires_at=now()):
        enqueue_on_commit("authorizations.refresh_venue_tokens")
    return mine.exists()


def _due() -> QuerySet[Grant]:
    unclaimed = Q(token_claimed_until=None) | Q(token_claimed_until__lte=now())
    active = Grant.objects.filter(state=GrantState.ACTIVE, expires_at__gt=now())
    return active.filter(unclaimed, token_expires_at__lte=now() + AHEAD)


def _refresh(grant_id: int) -> bool:
    """Fetch the next pair, unless somebody else is at it; whether it is there."""
    oauth = venue_oauth()
    if oauth is None or not _due().filter(pk=grant_id).update(token_claimed_until=now() + CLAIM):
        return False
    try:
        pair = oauth.refresh(Grant.objects.get(pk=grant_id).pair().refresh_token)
    except KeyRefused as error:
        log.info("grant %s: the venue has ended it: %s", grant_id, error)
        grants.end_for(EndedBy.VENUE, grant_id, actor=ACTOR)
        return False
    except (VenueError, SealBroken) as error:
        log.warning("grant %s: no new token of the venue: %s", grant_id, error)
        return False
    return _keep(grant_id, pair)


def _keep(grant_id: int, pair: TokenPair) -> bool:
    with transaction.atomic():
        active = Grant.objects.select_for_update(of=["self"]).filter(state=GrantState.ACTIVE)
        grant = active.filter(pk=grant_id).first()
        if grant is None:
            return False
        grant.keep_pair(pair)
        kept = ["sealed_credentials", "token_expires_at", "token_claimed_until"]
        grant.save(update_fields=kept)
    return True
