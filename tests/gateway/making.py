"""Makes a grant with decisions, without a venue to make a key at."""

from datetime import timedelta

from connect_portal.authorizations.actions.clients import open_client
from connect_portal.authorizations.models import Grant, VenueAccount, VenueKey
from connect_portal.gateway.models import Decision, Outcome
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials
from tests import cast


def grant_of(person: Person, institution: Institution, uid: str = "44705892343619584") -> Grant:
    """What the person lets the institution do, as if consented to a moment ago."""
    account, _ = VenueAccount.objects.get_or_create(owner=person, venue=cast.VENUE, uid=uid)
    grant = Grant(
        institution=institution,
        client=open_client(institution.pk, actor=cast.ACTOR),
        person=person,
        venue_account=account,
        venue_key=VenueKey.objects.create(label=f"of {person}", venue=cast.VENUE, uid=uid),
        scopes=["read_only", "trade"],
        granted_at=now(),
        expires_at=now() + timedelta(days=90),
    )
    grant.keep(Credentials("a-key-of-the-portal", "secret", "passphrase"))
    grant.save()
    return grant


def decided(grant: Grant, client_order_id: str, code: str = "0", outcome: str = "") -> Decision:
    """One new order over the grant: refused here with `code`, or let through with its `outcome`
    ("" while none was noted)."""
    decision = Decision.objects.create(
        grant=grant,
        institution=grant.institution,
        operation="place",
        instrument="BTC-USDT",
        client_order_id=client_order_id,
        tag_forwarded="ACMEcode1" if code == "0" else "",
        tag_sent="" if code == "0" else "ZENITH2",
        allowed=code == "0",
        code=code,
        reason="" if code == "0" else "Parameter tag error",
    )
    if outcome:
        reason = "" if outcome == "0" else "Insufficient USDT balance"
        Outcome.objects.create(decision=decision, code=outcome, reason=reason)
    return decision


def busy_grant(person: Person, institution: Institution) -> Grant:
    """A grant over which an order was accepted, one refused here, one at the venue, one lost."""
    grant = grant_of(person, institution)
    decided(grant, "accepted1", outcome="0")
    decided(grant, "foreign1", code="51000")
    decided(grant, "poor1", outcome="51008")
    decided(grant, "lost1")
    return grant
