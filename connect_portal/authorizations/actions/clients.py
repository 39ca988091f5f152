"""OAuth clients of institutions: opened once, answered at approved addresses, one secret each."""

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import Tag
from connect_portal.authorizations.models import Client, RedirectURI
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.queries import institutions, redirect_uris
from connect_portal.kit.clock import now
from connect_portal.kit.ids import random_code

SECRET_LENGTH = 128


@transaction.atomic
def open_client(institution_id: int, *, actor: str) -> Client:
    """The OAuth client of an institution, made on first call; it has no secret yet."""
    client, is_new = Client.objects.get_or_create(
        institution_id=institution_id,
        defaults={
            "client_id": random_code(32),
            "client_type": Client.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Client.GRANT_AUTHORIZATION_CODE,
        },
    )
    if is_new:
        data = {"client": client.client_id}
        record(Tag.CLIENT_OPENED, actor=actor, subject=f"institution:{institution_id}", data=data)
    return client


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
def make_secret(institution_id: int, *, actor: str) -> str:
    """A new client secret, shown this once; the one before stops working."""
    client = open_client(institution_id, actor=actor)
    secret = random_code(SECRET_LENGTH)
    client.client_secret = checksum(secret)
    client.secret_made_at = now()
    client.save(update_fields=["client_secret", "secret_made_at", "updated"])
    record(Tag.SECRET_MADE, actor=actor, subject=f"institution:{institution_id}")
    return secret


def provision(institution_id: int) -> None:
    """Give an institution on the OAuth channel its client, answered where its application, which
    two persons approved, says. Again changes nothing."""
    (institution,) = institutions([institution_id])
    if Channel.OAUTH not in institution.channels:
        return
    approved = redirect_uris(institution_id)
    with transaction.atomic():
        client = open_client(institution_id, actor="system:provision")
        for uri in approved:
            approve_redirect(
                client.pk,
                uri,
                proposed_by=f"institution:{institution_id}",
                approved_by="system:provision",
            )
