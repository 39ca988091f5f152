"""Live grants for the gateway's race: one that trades, and as many others as wanted beside it."""

from datetime import timedelta

from django.db import connection
from django.db.models import Model

from connect_portal.authorizations.actions.clients import open_client
from connect_portal.authorizations.models import AccessToken, Grant, VenueAccount, VenueKey
from connect_portal.authorizations.oauth.generators import access_token
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials
from tests import cast
from tests.benchmarks.our_exchange import PASSPHRASE, Trader

BEYOND = 1_000_000
"""The numbers of rows made by the thousand begin here."""


def granted(person: Person, institution: Institution, trader: Trader) -> Grant:
    """The person's leave to trade on the account, with the key that opens it."""
    account = VenueAccount.objects.create(owner=person, venue=cast.VENUE, uid=trader.uid)
    grant = Grant(
        institution=institution,
        client=open_client(institution.pk, actor=cast.ACTOR),
        person=person,
        venue_account=account,
        venue_key=VenueKey.objects.create(label=trader.uid, venue=cast.VENUE, uid=trader.uid),
        scopes=["read_only", "trade"],
        granted_at=now(),
        expires_at=now() + timedelta(days=90),
    )
    grant.keep(Credentials(trader.api_key, trader.secret, PASSPHRASE))
    grant.save()
    return grant


def token_of(grant: Grant) -> str:
    """A fresh access token of the grant."""
    token = access_token(None)
    AccessToken.objects.create(
        grant=grant,
        application=grant.client,
        token=token,
        created=now(),
        scope="read_only trade",
        expires=grant.expires_at,
    )
    return token


def multiply(have: int, want: int) -> None:
    """Make ``want`` live grants out of ``have``, each with an account, a key and a token."""
    number = f"{BEYOND} + n"
    _copy(VenueAccount, have, want, uid="'bench' || n")
    _copy(VenueKey, have, want, label="'bench' || n")
    _copy(Grant, have, want, venue_account_id=number, venue_key_id=number)
    _copy(
        AccessToken,
        have,
        want,
        grant_id=number,
        token="'bench' || n",
        token_checksum="encode(sha256(('bench' || n)::bytea), 'hex')",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(model: type[Model], have: int, want: int, **changed: str) -> None:
    """Copies of the model's first row under fresh numbers, some columns ``changed`` by SQL."""
    table, columns = model._meta.db_table, [one.column for one in model._meta.concrete_fields]
    changed["id"] = f"{BEYOND} + n"
    values = ", ".join(changed.get(one, f'first."{one}"') for one in columns)
    names = ", ".join(f'"{one}"' for one in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM"
            f" (SELECT * FROM {table} ORDER BY id LIMIT 1) AS first,"
            f" generate_series({have}, {want - 1}) AS n"
        )
