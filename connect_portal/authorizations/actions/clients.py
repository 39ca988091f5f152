"""OAuth clients of institutions: opened once per environment, with secrets that take turns."""

import hashlib
from collections.abc import Sequence
from typing import Final

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions.redirects import approve_redirect
from connect_portal.authorizations.enums import Tag
from connect_portal.authorizations.errors import (
    NoLogo,
    NoSuchSecret,
    PublicKeepsNoSecret,
    TooManySecrets,
)
from connect_portal.authorizations.models import Client, ClientLogo, ClientSecret
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.authorizations.queries import client_of, redirects_of, secrets_of
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.queries import (
    approved_logo,
    institutions,
    ips,
    open_to_consents,
    redirect_uris,
)
from connect_portal.kit import pictures
from connect_portal.kit.clock import now
from connect_portal.kit.ids import random_code
from connect_portal.venue.types import Environment

SECRET_LENGTH: Final = 128
MOST_SECRETS: Final = 3
"""Enough to bring a new one to every server before the old one goes."""


@transaction.atomic
def open_client(
    institution_id: int, *, actor: str, environment: Environment = Environment.LIVE
) -> Client:
    """The OAuth client of an institution in an environment, made on first call; it has no secret
    yet. It may be used from the servers, and shows the logo, that were approved with the
    application."""
    client, is_new = Client.objects.get_or_create(
        institution_id=institution_id,
        environment=environment,
        defaults={
            "client_id": random_code(32),
            "client_type": Client.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Client.GRANT_AUTHORIZATION_CODE,
            "addresses": ips(institution_id),
        },
    )
    if is_new:
        data = {"client": client.client_id, "environment": environment}
        record(Tag.CLIENT_OPENED, actor=actor, subject=f"institution:{institution_id}", data=data)
        if logo := approved_logo(institution_id):
            set_logo(client.pk, logo, actor=actor)
    return client


@transaction.atomic
def open_test_client(institution_id: int, *, actor: str) -> Client:
    """The client for tests, made on first call: it asks for demo accounts, and is answered where
    the live one was when it was made."""
    client = open_client(institution_id, actor=actor, environment=Environment.DEMO)
    live = client_of(institution_id)
    for known in redirects_of(live) if live else []:
        approve_redirect(
            client.pk, known.uri, proposed_by=known.proposed_by, approved_by=known.approved_by
        )
    return client


@transaction.atomic
def make_secret(
    institution_id: int, *, actor: str, environment: Environment = Environment.LIVE
) -> str:
    """A new client secret, shown this once; those before go on working until they are revoked.

    Raises TooManySecrets, PublicKeepsNoSecret.
    """
    client = open_client(institution_id, actor=actor, environment=environment)
    Client.objects.select_for_update().get(pk=client.pk)  # one at a time, to count them
    if client.is_public:
        raise PublicKeepsNoSecret()
    if secrets_of(client).count() >= MOST_SECRETS:
        raise TooManySecrets(most=MOST_SECRETS)
    secret = random_code(SECRET_LENGTH)
    made = ClientSecret.objects.create(
        client=client, checksum=checksum(secret), hint=secret[-4:], made_by=actor
    )
    data = {"client": client.client_id, "row": made.pk, "hint": made.hint}
    record(Tag.SECRET_MADE, actor=actor, subject=f"institution:{institution_id}", data=data)
    return secret


@transaction.atomic
def revoke_secret(institution_id: int, secret_id: int, *, actor: str) -> None:
    """Let a secret of the institution's work no more, from the next request on. Raises
    NoSuchSecret."""
    working = ClientSecret.objects.select_for_update(of=["self"]).filter(revoked_at=None)
    secret = working.filter(pk=secret_id, client__institution_id=institution_id).first()
    if secret is None:
        raise NoSuchSecret()
    secret.revoked_at = now()
    secret.save(update_fields=["revoked_at"])
    data = {"row": secret.pk, "hint": secret.hint}
    record(Tag.SECRET_REVOKED, actor=actor, subject=f"institution:{institution_id}", data=data)


@transaction.atomic
def change_client(
    client_id: int,
    *,
    name: str,
    client_type: str,
    addresses: Sequence[str],
    par_required: bool,
    dpop_required: bool,
    actor: str,
) -> None:
    """Change what end users read, and what a client's requests must come with; ``addresses`` are
    networks in CIDR notation. It holds from the next request on; a public client's secrets rest."""
    client = Client.objects.select_for_update(of=["self"]).get(pk=client_id)
    client.name, client.client_type, client.addresses = name, client_type, list(addresses)
    client.par_required, client.dpop_required = par_required, dpop_required
    fields = ["name", "client_type", "addresses", "par_required", "dpop_required"]
    client.save(update_fields=[*fields, "updated"])
    data = {field: getattr(client, field) for field in fields}
    record(Tag.CLIENT_CHANGED, actor=actor, subject=f"client:{client_id}", data=data)


@transaction.atomic
def set_logo(client_id: int, content: bytes, *, actor: str) -> None:
    """Show ``content`` beside the client's name; empty shows none. Raises NoLogo."""
    ClientLogo.objects.filter(client_id=client_id).delete()
    if content:
        try:
            pictures.check(content)
        except ValueError as error:
            raise NoLogo(reason=str(error)) from error
        digest = hashlib.sha256(content).hexdigest()
        ClientLogo.objects.create(
            client_id=client_id,
            content=content,
            media_type=pictures.MEDIA_TYPE,
            checksum=digest,
        )
    data = {"logo": digest if content else ""}
    record(Tag.CLIENT_CHANGED, actor=actor, subject=f"client:{client_id}", data=data)


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


def provision_missing() -> int:
    """Give a client to institutions whose technical access was granted and whose wake-up was lost;
    to how many."""
    served = Client.objects.filter(environment=Environment.LIVE)
    missing = set(open_to_consents()) - set(served.values_list("institution_id", flat=True))
    for institution_id in sorted(missing):
        provision(institution_id)
    return len(missing)
