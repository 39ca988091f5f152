"""Django's admin: for administrators alone, every table to be read, nothing changed or told."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connect_portal.authorizations.actions import make_secret
from connect_portal.authorizations.models import Binding, ClientSecret
from connect_portal.institutions.models import Institution
from connect_portal.kit import admin, sealed
from connect_portal.kit.doors import mounted
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from tests import cast
from tests.authorizations import oauth
from tests.pages import visits
from tests.pages.conftest import Look

pytestmark = pytest.mark.django_db

INDEX = "/admin/"
TABLES = sorted(
    f"{model._meta.app_label}/{model._meta.model_name}"
    for model in apps.get_models()
    if model is not Session
)


@pytest.fixture
def root(client: Client) -> Client:
    """The browser of the administrator, in a house that is lived in."""
    visits.bind(cast.person("Alice"))
    oauth.client_of(Institution.objects.get())
    return cast.sign_in(client, cast.administrator("Root"))


def rows(table: str) -> str:
    return f"{INDEX}{table}/"


@pytest.mark.parametrize("role", StaffRole.values)
def test_nobody_but_an_administrator_gets_in(client: Client, role: str) -> None:
    cast.sign_in(client, cast.staff("Sam", role))
    for path in (INDEX, rows("people/person"), rows("people/person") + "1/change/"):
        assert client.get(path).status_code == 403
    assert "Tables" not in client.get("/start/", follow=True).content.decode()


def test_a_stranger_is_sent_to_our_own_sign_in_and_a_password_alone_opens_nothing(
    client: Client,
) -> None:
    assert client.get(INDEX)["Location"] == f"/accounts/login/?next={INDEX}"
    client.force_login(cast.administrator("Root"))
    assert client.get(INDEX)["Location"].startswith(reverse("mfa_reauthenticate"))
    names = {page.name for page in mounted()}
    ways = ("login", "logout", "password_change")
    assert names.isdisjoint({f"{admin.SITE}:{way}" for way in ways})


def test_moments_are_written_as_everywhere_with_their_zone(root: Client) -> None:
    page = root.get(rows("audit/event")).content.decode()
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", page)
    assert " a.m." not in page
    assert " p.m." not in page


def test_an_administrator_reads_every_table(root: Client) -> None:
    page = root.get(INDEX).content.decode()
    for table in TABLES:
        assert rows(table) in page
        assert root.get(rows(table)).status_code == 200, table
        assert root.get(rows(table), {"q": "1"}).status_code == 200, table
        assert root.get(rows(table), {"q": "x y"}).status_code == 200, table


def test_an_administrator_reads_every_row_that_there_is(root: Client) -> None:
    seen = 0
    for model in apps.get_models():
        row = None if model is Session else model._default_manager.first()
        if row is not None:
            table = f"{model._meta.app_label}/{model._meta.model_name}"
            assert root.get(f"{rows(table)}{row.pk}/change/").status_code == 200, table
            seen += 1
    assert seen > 15


def test_nothing_is_added_changed_or_deleted(root: Client) -> None:
    acme = Institution.objects.get(slug="acme")
    page = f"{rows('institutions/institution')}{acme.pk}/"
    assert root.get(rows("institutions/institution") + "add/").status_code == 403
    assert root.post(rows("institutions/institution") + "add/", {"name": "X"}).status_code == 403
    assert root.post(page + "change/", {"name": "Changed"}).status_code == 403
    assert root.post(page + "delete/", {"post": "yes"}).status_code == 403
    picked = {"action": "delete_selected", "_selected_action": acme.pk, "post": "yes"}
    root.post(rows("institutions/institution"), picked)
    acme.refresh_from_db()
    assert acme.name == "Acme"
    assert 'name="_save"' not in root.get(page + "change/").content.decode()


def test_no_secret_is_shown(root: Client) -> None:
    binding, alice = Binding.objects.get(), Person.objects.get(name="Alice")
    secret = make_secret(Institution.objects.get(slug="acme").pk, actor=cast.ACTOR)
    row = ClientSecret.objects.latest("pk")
    factor = Authenticator.objects.filter(type="totp").latest("pk")
    told = {
        f"people/person/{alice.pk}": [alice.password],
        f"authorizations/clientsecret/{row.pk}": [secret, row.checksum],
        f"authorizations/binding/{binding.pk}": ["field-sealed", binding.key_fingerprint],
        f"mfa/authenticator/{factor.pk}": [factor.data["secret"]],
    }
    for page, hidden in told.items():
        said = root.get(f"{INDEX}{page}/change/").content.decode()
        listed = root.get(f"{INDEX}{page.rpartition('/')[0]}/").content.decode()
        assert not [word for word in hidden if word in said + listed], page


def test_a_hidden_column_is_not_to_be_guessed_at(root: Client) -> None:
    for lookup in ("password__startswith", "memberships__person__password__startswith"):
        answer = root.get(rows("people/person"), {lookup: "md5"})
        assert answer.status_code == 400
    assert root.get(rows("people/person"), {"staff_role__exact": "finance"}).status_code == 200


def test_every_sealed_column_and_every_column_of_bytes_is_hidden() -> None:
    for one in sealed.known():
        assert one.column not in {column.name for column in admin.shown_fields(one.model)}
    for model in apps.get_models():
        shown = admin.shown_fields(model)
        assert not [column for column in shown if isinstance(column, models.BinaryField)]
        assert model._meta.pk in shown or model is Session


def test_a_list_takes_as_many_queries_for_thirty_rows_as_for_one(root: Client) -> None:
    counts = []
    for number in (1, 30):
        for one in range(number):
            cast.member(f"M{number}-{one}", Institution.objects.get(slug="acme"))
        with CaptureQueriesContext(connection) as asked:
            root.get(rows("people/membership"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_list_counts_the_first_rows_only(root: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        root.get(rows("trades/fill"))
    counts = [one["sql"] for one in asked if "COUNT(" in one["sql"]]
    assert counts
    assert all("LIMIT 10000" in sql for sql in counts)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_keep_to_the_policy_of_every_page(look: Look, root: Client) -> None:
    look.become(root)
    acme = Institution.objects.get(slug="acme")
    table = rows("institutions/institution")
    for path in (INDEX, table, rows("people/person"), f"{table}{acme.pk}/change/"):
        for width in (1440, 390):
            look.open(path, width=width)
            for theme in ("light", "dark"):
                look.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                assert look.barriers() == [], f"{path}, {theme}, {width} px wide"
            assert look.wrong() == []
