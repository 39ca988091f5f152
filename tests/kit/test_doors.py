"""A door stands before every view of a module, nested ones too."""

from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.urls import resolve, reverse

from connect_portal.kit.doors import Mounted, door, mounted
from connect_portal.people.models import Person
from tests.kit import doors_site

pytestmark = pytest.mark.urls("tests.kit.doors_site")


def test_a_visitor_is_sent_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/rooms/deep/alice/?sort=at")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/accounts/login/?next=/rooms/deep/alice/%3Fsort%3Dat",
    )


def test_a_fragment_asked_for_by_a_visitor_sends_the_whole_page_to_sign_in(client: Client) -> None:
    answer = client.get(
        "/rooms/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/rooms/?x=1"}
    )
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/rooms/%3Fx%3D1"
    assert answer.content == b""


@pytest.mark.django_db
def test_who_lacks_the_right_is_refused_and_who_has_it_enters(
    client: Client, alice: Person
) -> None:
    client.force_login(alice)
    assert client.get("/rooms/").content == b"page {}"
    assert client.get("/rooms/deep/Alice/").content == b"page {'slug': 'Alice'}"
    assert client.get("/rooms/deep/Bob/").status_code == 403
    assert client.post("/rooms/deep/Bob/").status_code == 403


def test_names_and_marks_of_the_views_are_kept() -> None:
    assert reverse("rooms:deep:one", kwargs={"slug": "alice"}) == "/rooms/deep/alice/"
    view = resolve("/rooms/").func
    assert (view.__name__, view.csrf_exempt, view.door) == ("page", True, "rooms")


def test_every_address_is_listed_with_its_audience() -> None:
    assert list(mounted()) == [
        Mounted("", "/accounts/login/", "account_login"),
        Mounted("rooms", "/rooms/", "rooms:all"),
        Mounted("rooms", "/rooms/deep/<slug:slug>/", "rooms:deep:one"),
    ]


def test_the_command_prints_the_list() -> None:
    out = StringIO()
    call_command("doors", stdout=out)
    assert out.getvalue().splitlines()[:2] == [
        "-            /accounts/login/  account_login",
        "rooms        /rooms/  rooms:all",
    ]


def test_an_async_view_cannot_be_put_behind_a_door() -> None:
    with pytest.raises(ImproperlyConfigured, match="async"):
        door(doors_site.ROOMS, doors_site.Waiting)
