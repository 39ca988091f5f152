"""How OAuth is tested: Acme's client and server, a person's browser, tokens made at hand."""

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from django.db.models import F

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import TokenRevoked
from connect_portal.authorizations.limits import NO_LIMITS, Limits
from connect_portal.authorizations.models import (
    AccessToken,
    Client,
    Grant,
    RefreshToken,
    VenueAccount,
    VenueKey,
)
from connect_portal.authorizations.oauth import grace
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials
from tests import cast

CALLBACK = "https://acme.example/callback"
CLIENT_ID = "acme-client"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]
FORM = "application/x-www-form-urlencoded"
UNREADABLE = [
    (FORM, "a=" + "x" * 70_000, 413),
    (FORM, "&".join(f"a{number}=" for number in range(1_001)), 400),
    ("multipart/form-data", "x", 400),
]
"""Bodies that cannot be read as a form, by type, and what HTTP says to each."""
QUERY = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": CALLBACK,
    "scope": "read_only trade",
    "state": "s t&a=té",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
"""A right authorization request of Acme's."""


def client_of(
    institution: Institution, *uris: str, client_id: str | None = None
) -> tuple[Client, str]:
    """The institution's client, answered at ``uris``, and its secret."""
    client = actions.open_client(institution.pk, actor=cast.ACTOR)
    for uri in uris or (CALLBACK,):
        actions.approve_redirect(client.pk, uri, proposed_by="person:1", approved_by="person:2")
    secret = actions.make_secret(institution.pk, actor=cast.ACTOR)
    Client.objects.filter(pk=client.pk).update(client_id=client_id or client.client_id)
    client.refresh_from_db()
    return client, secret


def granted(
    person: Person,
    client: Client,
    *scopes: Scope,
    account_id: int | None = None,
    days: int = 90,
    limits: Limits = NO_LIMITS,
) -> Grant:
    """A consent of ``person``; needs a live exchange."""
    return actions.consent(
        person_id=person.pk,
        client_id=client.pk,
        account_id=account_id,
        scopes=scopes or [Scope.READ_ONLY, Scope.TRADE],
        days=days,
        actor=person.actor,
        limits=limits,
    )


def grant_without_a_venue(person: Person, client: Client, number: int = 0) -> Grant:
    """A grant as it looks on a page; the key behind it is invented. Several have a number each."""
    account, _ = VenueAccount.objects.get_or_create(
        owner=person, venue=cast.VENUE, uid=str(44705892343619585 + number)
    )
    label = f"connect test {number}" if number else "connect test"
    key = VenueKey.objects.create(label=label, venue=account.venue, uid=account.uid)
    grant = Grant(
        institution=client.institution,
        client=client,
        person=person,
        venue_account=account,
        venue_key=key,
        scopes=[Scope.READ_ONLY, Scope.TRADE],
        granted_at=now(),
        expires_at=now() + timedelta(days=90),
    )
    grant.keep(Credentials("a1b2c3d4-e5f6", "secret", "passphrase"))
    grant.save()
    return grant


def token_of(grant: Grant, text: str = "cxat_test") -> str:
    """An access token of a grant, valid for an hour."""
    AccessToken.objects.create(
        grant=grant,
        application=grant.client,
        token_checksum=checksum(text),
        scope=" ".join(grant.scopes),
        expires=now() + timedelta(hours=1),
    )
    return text


def works(pair: dict[str, str]) -> bool:
    """Whether the access token of a pair opens an account."""
    try:
        return bool(queries.bearer(pair["access_token"]))
    except TokenRevoked:
        return False


def a_while_later() -> None:
    """Let the seconds pass in which a refresh may honestly come twice."""
    used = RefreshToken.objects.filter(revoked__isnull=False)
    used.update(revoked=F("revoked") - timedelta(seconds=grace.SECONDS))


@dataclass
class Browser:
    """A person at the site, form by form; no page is followed away from it."""

    site: str
    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self, person: Person) -> "Browser":
        """Sign in by the form."""
        form = {"login": person.email, "password": cast.PASSWORD}
        assert self.send("/accounts/login/", form).status_code == 302
        return self

    def get(self, path: str) -> requests.Response:
        """Look at a page."""
        return self.session.get(self.site + path, allow_redirects=False)

    def send(self, path: str, form: dict[str, Any]) -> requests.Response:
        """Open a page and send its form; the form token is the page's own."""
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.get(path).text)
        sent = form | {"csrfmiddlewaretoken": found[1] if found else ""}
        return self.session.post(self.site + path, data=sent, allow_redirects=False)

    def ask(self, **changes: str | None) -> requests.Response:
        """Arrive with Acme's authorization request, changed; None leaves a parameter out."""
        return self.get(authorize_path(**changes))

    def allow(self, path: str = "", **form: Any) -> dict[str, str]:
        """Allow what is asked; what the browser carries back to the institution."""
        choice = {"decision": "allow", "scopes": ["read_only", "trade"], "days": "90"}
        return carried(self.send(path or authorize_path(), choice | form))


def authorize_path(**changes: str | None) -> str:
    """The address to which Acme sends a browser."""
    query = {name: value for name, value in (QUERY | changes).items() if value is not None}
    return "/oauth/authorize/?" + urlencode(query)


def carried(answer: requests.Response) -> dict[str, str]:
    """The parameters with which a browser is sent back to Acme; fails if it is sent elsewhere."""
    assert answer.status_code == 302, answer.text
    address = urlsplit(answer.headers["Location"])
    assert address._replace(query="").geturl() == CALLBACK
    return dict(parse_qsl(address.query))


@dataclass
class Program:
    """An institution's server: raw calls with its secret, so that they may be wrong."""

    site: str
    client_id: str
    secret: str | None
    proof: str = ""

    def post(self, endpoint: str, **form: Any) -> requests.Response:
        """Call an endpoint, authenticated by Basic, or by name where there is no secret."""
        by_name = {"client_id": self.client_id} if self.secret is None else {}
        return requests.post(
            f"{self.site}/oauth/{endpoint}/",
            data=by_name | form,
            auth=None if self.secret is None else (self.client_id, self.secret),
            headers={"DPoP": self.proof} if self.proof else {},
            timeout=30,
        )

    def with_proof(self, proof: str) -> "Program":
        """The same server, sending a proof of possession (RFC 9449) along; "" sends none."""
        return replace(self, proof=proof)

    def redeem(self, good_code: str, **changes: Any) -> requests.Response:
        """Exchange a code as a right client would, changed; None leaves a field out."""
        form = {
            "grant_type": "authorization_code",
            "code": good_code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.post("token", **(form | changes))

    def refresh(self, refresh_token: str, **changes: Any) -> requests.Response:
        """Get the next pair."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post("token", **(form | changes))

    def authlib(self, scope: str = "read_only trade") -> OAuth2Session:
        """The same institution as the Authlib library plays it."""
        return OAuth2Session(
            self.client_id,
            self.secret,
            scope=scope,
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",
        )
