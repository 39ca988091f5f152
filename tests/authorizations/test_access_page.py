"""Pages around OAuth: the person's connections, and the institution's own client."""

import io
import re
import struct
import zlib
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.errors import (
    NoSuchRedirect,
    NotYourPart,
    PublicKeepsNoSecret,
)
from connect_portal.authorizations.models import Client as OAuthClient
from connect_portal.authorizations.models import Grant, RedirectProposal
from connect_portal.institutions.actions import add_document
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Institution
from connect_portal.institutions.sections import LOGO
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from connect_portal.venue.types import Environment
from tests import cast
from tests.authorizations.oauth import (
    CALLBACK,
    authorize_path,
    client_of,
    grant_without_a_venue,
)
from tests.institutions.handing_in import FIELDS, hand_in, ready
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db

ACCESS = "/institution/acme/access/"
TEST, CHANGE, ACT = f"{ACCESS}test/", f"{ACCESS}change/", f"{ACCESS}act/"
REDIRECTS = "/console/redirects/"


@pytest.fixture
def grant(acme: Institution, alice: Person) -> Grant:
    """Alice's grant to Acme."""
    return grant_without_a_venue(alice, client_of(acme)[0])


def test_a_person_sees_what_a_grant_allows_and_ends_it_after_a_question(
    client: Client, grant: Grant, alice: Person
) -> None:
    cast.sign_in(client, alice)
    page = client.get("/user/").content.decode()
    assert "See balances, orders and fills; place and cancel orders" in page
    address = f"/user/grants/{grant.pk}/end/"
    assert "tokens stop working" in client.get(address).content.decode()
    assert Grant.objects.get().is_live, "a look ends nothing"
    answer = client.post(address, follow=True)
    assert "can no longer act on your account" in answer.content.decode()
    assert "Ended by you" in answer.content.decode()
    assert "already ended" in client.post(address, follow=True).content.decode()


def test_a_grant_of_another_person_is_not_to_be_found(
    client: Client, grant: Grant, mallory: Person
) -> None:
    cast.sign_in(client, mallory)
    for address in (f"/user/grants/{grant.pk}/", f"/user/grants/{grant.pk}/end/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    assert Grant.objects.get().is_live


def test_the_page_of_a_grant_fetches_what_was_done_with_it(
    client: Client, grant: Grant, alice: Person
) -> None:
    cast.sign_in(client, alice)
    page = client.get(f"/user/grants/{grant.pk}/").content.decode()
    panels = re.findall(r'hx-get="([^"]+)"', page)
    assert panels
    assert [client.get(panel).status_code for panel in panels] == [200] * len(panels)


def test_an_owner_makes_a_secret_that_is_shown_once_and_works_beside_the_old_one(
    client: Client, acme: Institution, ada: Person
) -> None:
    ours, old = client_of(acme)
    cast.sign_in(client, ada)
    page = client.get("/institution/acme/access/").content.decode()
    assert ours.client_id in page
    assert CALLBACK in page
    assert "ACMEcode1" in page
    shown = client.post("/institution/acme/access/").content.decode()
    found = re.search(r'<code id="secret">(\w{128})</code>', shown)
    assert found is not None
    assert queries.is_secret_of(ours.client_id, found[1])
    assert queries.is_secret_of(ours.client_id, old)
    assert found[1] not in client.get("/institution/acme/access/").content.decode()


def test_who_looks_on_makes_no_secret(client: Client, acme: Institution, ben: Person) -> None:
    ours, secret = client_of(acme)
    cast.sign_in(client, ben)
    assert "Make a client secret" not in client.get("/institution/acme/access/").content.decode()
    assert client.post("/institution/acme/access/").status_code == 403
    assert queries.is_secret_of(ours.client_id, secret)


def test_before_technical_access_there_is_no_client_to_make_a_secret_for(
    client: Client, ada: Person
) -> None:
    cast.sign_in(client, ada)
    assert "No OAuth client yet" in client.get("/institution/acme/access/").content.decode()
    assert client.post("/institution/acme/access/").status_code == 403


def test_the_client_of_a_rival_is_behind_its_own_door(
    client: Client, acme: Institution, rival: Person
) -> None:
    cast.sign_in(client, rival)
    assert client.get("/institution/acme/access/").status_code == 403


# --- what an owner changes -----------------------------------------------------------------------


def test_a_secret_is_revoked_alone(client: Client, acme: Institution, ada: Person) -> None:
    ours, old = client_of(acme)
    newer = actions.make_secret(acme.pk, actor=cast.ACTOR)
    oldest = ours.secrets.order_by("pk")[0]
    cast.sign_in(client, ada)
    client.post(ACT, {"do": f"revoke:{oldest.pk}"})
    assert not queries.is_secret_of(ours.client_id, old)
    assert queries.is_secret_of(ours.client_id, newer)
    answer = client.post(ACT, {"do": f"revoke:{oldest.pk}"}, follow=True)
    assert "already been revoked" in unescape(answer.content.decode())


def test_a_fourth_secret_is_not_made(client: Client, acme: Institution, ada: Person) -> None:
    ours, _ = client_of(acme)
    for _ in range(2):
        actions.make_secret(acme.pk, actor=cast.ACTOR)
    cast.sign_in(client, ada)
    assert "at most 3 secrets" in client.post(ACCESS, follow=True).content.decode()
    assert ours.secrets.count() == 3


def test_a_public_client_has_no_secret(acme: Institution) -> None:
    ours, _ = client_of(acme)
    OAuthClient.objects.filter(pk=ours.pk).update(client_type="public")
    with pytest.raises(PublicKeepsNoSecret):
        actions.make_secret(acme.pk, actor=cast.ACTOR)


def test_an_owner_says_how_the_client_appears_and_how_it_comes(
    client: Client, acme: Institution, ada: Person
) -> None:
    ours, _ = client_of(acme)
    cast.sign_in(client, ada)
    form = {
        "name": "Acme Trading",
        "logo": SimpleUploadedFile("a.png", picture()),
        "addresses": "8.8.8.8\n9.9.9.0/24 8.8.8.8",
        "client_type": "public",
        "par_required": "on",
        "dpop_required": "on",
    }
    assert client.post(CHANGE, form).status_code == 302
    ours.refresh_from_db()
    assert (ours.public_name, ours.addresses) == ("Acme Trading", ["8.8.8.8/32", "9.9.9.0/24"])
    assert (ours.is_public, ours.par_required, ours.dpop_required) == (True, True, True)
    assert "held by PKCE" in client.get(ACCESS).content.decode()
    assert f"/oauth/logo/{ours.client_id}/" in client.get(ACCESS).content.decode()
    client.post(CHANGE, {"client_type": "confidential", "without_logo": "on"})
    assert client.get(f"/oauth/logo/{ours.client_id}/").status_code == 404
    ours.refresh_from_db()
    assert (ours.public_name, ours.addresses) == ("Acme", [])


def test_a_logo_is_served_as_a_picture_and_nothing_else(client: Client, acme: Institution) -> None:
    ours, _ = client_of(acme)
    actions.set_logo(ours.pk, picture(), actor=cast.ACTOR)
    answer = client.get(f"/oauth/logo/{ours.client_id}/")
    assert (answer.content, answer.headers["Content-Type"]) == (picture(), "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_logo_of_the_application_stands_on_the_consent_page_from_the_first_day(
    client: Client, alice: Person
) -> None:
    road = Road.make()
    draft = ready(road.applicant)
    given = io.BytesIO(picture())
    add_document(road.applicant, draft.pk, LOGO, given, name="harbor.png")
    hand_in(draft)
    draft.refresh_from_db()
    place = road.along(draft, Step.SANDBOX_TEST).institution
    assert place is not None
    actions.provision(place.pk)
    ours = OAuthClient.objects.get()
    assert client.get(f"/oauth/logo/{ours.client_id}/").content == picture()
    cast.sign_in(client, alice)
    asked = authorize_path(client_id=ours.client_id, redirect_uri=FIELDS["redirect_uris"][0])
    assert f"/oauth/logo/{ours.client_id}/" in client.get(asked).content.decode()
    test = actions.open_test_client(place.pk, actor=cast.ACTOR)
    assert queries.logo_of(test.client_id) is not None, "and so does the client for tests"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg onload='alert(1)'/>", "PNG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "damaged"),
        (lambda: picture()[:-4], "damaged"),
        (lambda: picture() + b"<script>alert(1)</script>", "damaged"),
        (lambda: picture() + picture()[8:], "damaged"),
        (lambda: picture(width=1), "pixels"),
        (lambda: picture(width=5_000), "pixels"),
        (lambda: picture(more=b"tEXt"), "more than a picture"),
        (lambda: picture() + b"x" * 70_000, "KiB"),
    ],
)
def test_what_is_no_small_picture_is_no_logo(
    client: Client, acme: Institution, ada: Person, content: Any, why: str
) -> None:
    ours, _ = client_of(acme)
    cast.sign_in(client, ada)
    given = content() if callable(content) else content
    form = {"client_type": "confidential", "logo": SimpleUploadedFile("a.png", given)}
    answer = client.post(CHANGE, form)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert queries.logo_of(ours.client_id) is None


@pytest.mark.parametrize("addresses", ["10.0.0.1", "8.8.8.8/99", "everywhere", "8.0.0.0/8"])
def test_servers_are_public_addresses(
    client: Client, acme: Institution, ada: Person, addresses: str
) -> None:
    ours, _ = client_of(acme)
    cast.sign_in(client, ada)
    assert client.post(CHANGE, {"client_type": "public", "addresses": addresses}).status_code == 422
    ours.refresh_from_db()
    assert ours.addresses == []


def test_the_test_client_is_another_that_asks_for_demo_accounts(
    client: Client, acme: Institution, ada: Person
) -> None:
    live, _ = client_of(acme)
    cast.sign_in(client, ada)
    assert "No test client yet" in client.get(TEST).content.decode()
    client.post(ACT, {"do": "open", "on": "demo"})
    test = queries.client_of(acme.pk, Environment.DEMO)
    assert test is not None
    assert test.client_id != live.client_id
    assert [row.uri for row in queries.redirects_of(test)] == [CALLBACK]
    shown = re.search(r'<code id="secret">(\w{128})</code>', client.post(TEST).content.decode())
    assert shown is not None
    assert queries.is_secret_of(test.client_id, shown[1])
    assert not queries.is_secret_of(live.client_id, shown[1])


@pytest.mark.parametrize("path", ["change/", "redirect/", "act/", "test/change/", ""])
def test_who_looks_on_changes_nothing(
    client: Client, acme: Institution, ben: Person, path: str
) -> None:
    client_of(acme)
    cast.sign_in(client, ben)
    assert client.post(ACCESS + path, {"do": "open", "name": "x"}).status_code == 403


# --- redirect URIs -------------------------------------------------------------------------------


NEW = "https://acme.example/new"


def asked(acme: Institution, ada: Person) -> RedirectProposal:
    """An address that Ada asked for."""
    return actions.ask_redirect(client_of(acme)[0].pk, NEW, actor=ada.actor)


def test_an_address_is_asked_for_proposed_and_approved_by_three_people(
    client: Client, acme: Institution, ada: Person, morgan: Person
) -> None:
    ours, _ = client_of(acme)
    theo = cast.staff("Theo", StaffRole.TECHNICAL)
    cast.sign_in(client, ada)
    client.post(f"{ACCESS}redirect/", {"uri": NEW})
    assert "With our technical staff" in client.get(ACCESS).content.decode()
    (row,) = queries.redirects_to_decide()
    for person, button in ((theo, "Propose"), (morgan, "Approve")):
        staff = cast.sign_in(Client(), person)
        assert button in staff.get(REDIRECTS).content.decode()
        assert not ours.redirect_uri_allowed(NEW)
        staff.post(REDIRECTS, {"proposal": row.pk, "decision": "yes"})
    assert ours.redirect_uri_allowed(NEW)
    assert not queries.redirects_to_decide()


@pytest.mark.parametrize("role", [StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE, ""])
def test_only_technical_proposes(acme: Institution, ada: Person, role: str) -> None:
    row = asked(acme, ada)
    with pytest.raises(NotYourPart):
        actions.decide_redirect(row.pk, yes=True, role=role, actor="person:7")


def test_who_proposed_an_address_does_not_approve_it(acme: Institution, ada: Person) -> None:
    row = asked(acme, ada)
    actions.decide_redirect(row.pk, yes=True, role=StaffRole.TECHNICAL, actor="person:7")
    with pytest.raises(NotYourPart):
        actions.decide_redirect(row.pk, yes=True, role=StaffRole.ACCOUNT_MANAGER, actor="person:7")
    with pytest.raises(IntegrityError), transaction.atomic():
        RedirectProposal.objects.update(state="approved", approved_by="person:7")


def test_a_refused_address_says_why(
    client: Client, acme: Institution, ada: Person, morgan: Person
) -> None:
    row = asked(acme, ada)
    actions.decide_redirect(
        row.pk, yes=False, role=StaffRole.TECHNICAL, actor="person:7", reason="Not your domain."
    )
    cast.sign_in(client, ada)
    assert "Not your domain." in client.get(ACCESS).content.decode()
    with pytest.raises(NoSuchRedirect):
        actions.decide_redirect(row.pk, yes=True, role=StaffRole.TECHNICAL, actor="person:7")


@pytest.mark.parametrize(
    "uri", ["http://acme.example/x", "https://acme.example/#f", "javascript:alert(1)", CALLBACK]
)
def test_an_address_that_cannot_be_is_not_asked_for(
    client: Client, acme: Institution, ada: Person, uri: str
) -> None:
    client_of(acme)
    cast.sign_in(client, ada)
    assert client.post(f"{ACCESS}redirect/", {"uri": uri}).status_code == 422
    assert not RedirectProposal.objects.exists()


def test_an_owner_withdraws_an_address_at_once(
    client: Client, acme: Institution, ada: Person
) -> None:
    ours, _ = client_of(acme)
    cast.sign_in(client, ada)
    client.post(ACT, {"do": f"withdraw:{ours.redirects.get().pk}"})
    assert not ours.redirect_uri_allowed(CALLBACK)


def picture(width: int = 32, more: bytes = b"") -> bytes:
    """A PNG picture, black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, 32, 8, 0, 0, 0, 0)
    lines = zlib.compress(b"\0" * (width + 1) * 32)
    extra = chunk(more, b"words") if more else b""
    end = chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + end
