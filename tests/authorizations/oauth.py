"""Helpers: a client of Acme with a secret, and a grant with a token, made by the site's own verbs."""

from datetime import timedelta

from connect_portal.authorizations import actions
from connect_portal.authorizations.models import AccessToken, Client, Grant
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests import cast

CALLBACK = "https://acme.example/callback"


def client_of(institution: Institution, *uris: str) -> tuple[Client, str]:
    """The institution's client, answered at ``uris``, and its secret."""
    client = actions.open_client(institution.pk, actor=cast.ACTOR)
    for uri in uris or (CALLBACK,):
        actions.approve_redirect(client.pk, uri, proposed_by="person:1", approved_by="person:2")
    secret = actions.make_secret(institution.pk, actor=cast.ACTOR)
    client.refresh_from_db()
    return client, secret


def granted(
    person: Person,
    client: Client,
    *scopes: str,
    account_id: int | None = None,
    days: int = 90,
) -> Grant:
    """A consent of ``person``; needs a live exchange."""
    return actions.consent(
        person_id=person.pk,
        client_id=client.pk,
        account_id=account_id,
        scopes=[*scopes] or ["read_only", "trade"],  # type: ignore[list-item]
        days=days,
        actor=person.actor,
    )


def token_of(grant: Grant, text: str = "cxat_test") -> str:
    """An access token of a grant, valid for an hour."""
    AccessToken.objects.create(
        grant=grant,
        application=grant.client,
        token="",
        token_checksum=checksum(text),
        scope=" ".join(grant.scopes),
        expires=now() + timedelta(hours=1),
    )
    return text
