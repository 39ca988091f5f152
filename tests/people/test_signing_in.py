"""Signing in, signing up, and the second factor that staff cannot do without."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from connect_portal.audit.queries import events_about
from connect_portal.kit.doors import mounted
from connect_portal.people import queries
from connect_portal.people.actions import set_totp
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from tests import cast
from tests.pages.visits import security_key

pytestmark = pytest.mark.django_db

CONSOLE = "/console/"


@pytest.fixture
def morgan_without_factor(db: None) -> Person:
    """Staff, with a password only."""
    return cast.person("Morgan", staff_role=StaffRole.ACCOUNT_MANAGER)


def tags(person: Person) -> list[str]:
    """What happened to a person, by tag."""
    return [event.tag for event in events_about(person.actor)]


def set_up_totp(client: Client) -> None:
    """Set up an authenticator app by the forms, the password asked once more."""
    address = reverse("mfa_activate_totp")
    asked = client.get(address, follow=True)
    assert asked.redirect_chain[-1][0].startswith(reverse("account_reauthenticate"))
    form = client.post(asked.redirect_chain[-1][0], {"password": cast.PASSWORD}, follow=True)
    secret = form.context["form"].secret
    client.post(address, {"code": cast.code_now(secret)})


class TestStart:
    """After signing in, everybody lands where they work."""

    def test_a_visitor_is_asked_to_sign_in(self, client: Client) -> None:
        answer = client.get(reverse("people_public:start"))
        assert answer.headers["Location"] == "/accounts/login/?next=/start/"

    def test_an_end_user_lands_on_their_connections(self, client: Client, alice: Person) -> None:
        answer = cast.sign_in(client, alice).get("/start/")
        assert answer.headers["Location"] == reverse("authorizations_user:connections")

    def test_a_member_lands_on_the_institutions_dashboard(
        self, client: Client, ada: Person
    ) -> None:
        answer = cast.sign_in(client, ada).get("/start/")
        assert answer.headers["Location"] == reverse("monitoring_institution:live", args=["acme"])

    def test_staff_lands_in_the_console(self, client: Client, morgan: Person) -> None:
        answer = cast.sign_in(client, morgan).get("/start/")
        assert answer.headers["Location"] == CONSOLE


class TestSecondFactor:
    """A password alone opens no page to staff."""

    def test_staff_with_a_password_only_reaches_nothing_but_the_way_to_a_factor(
        self, client: Client, morgan_without_factor: Person
    ) -> None:
        cast.sign_in(client, morgan_without_factor)
        shut = (CONSOLE, "/start/", reverse("account_email"), reverse("account_change_password"))
        for address in shut:
            answer = client.get(address)
            assert (answer.status_code, answer.headers["Location"]) == (
                302,
                f"{reverse('mfa_index')}?next={address}",
            )
        assert client.get(reverse("mfa_index")).status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_staff_who_sets_up_a_factor_works_at_once(
        self, client: Client, morgan_without_factor: Person
    ) -> None:
        cast.sign_in(client, morgan_without_factor)
        set_up_totp(client)
        assert client.get(CONSOLE).status_code == 200
        assert tags(morgan_without_factor).count("people:second_factor:added") == 2

    def test_staff_with_a_factor_is_asked_for_it_and_then_works(
        self, client: Client, morgan: Person
    ) -> None:
        credentials = {"login": morgan.email, "password": cast.PASSWORD}
        answer = client.post("/accounts/login/", credentials)
        assert answer.headers["Location"] == reverse("mfa_authenticate")
        assert client.get(CONSOLE).headers["Location"] == f"/accounts/login/?next={CONSOLE}"
        client.post(reverse("mfa_authenticate"), {"code": cast.code_now()})
        assert client.get(CONSOLE).status_code == 200

    def test_a_wrong_code_opens_nothing(self, client: Client, morgan: Person) -> None:
        client.post("/accounts/login/", {"login": morgan.email, "password": cast.PASSWORD})
        wrong = f"{(int(cast.code_now()) + 1) % 10**6:06}"
        answer = client.post(reverse("mfa_authenticate"), {"code": wrong})
        assert answer.context["form"].errors == {"code": ["Incorrect code."]}
        assert client.get(CONSOLE).status_code == 302

    def test_a_session_older_than_the_factor_has_to_show_it(
        self, client: Client, morgan_without_factor: Person
    ) -> None:
        cast.sign_in(client, morgan_without_factor)
        set_totp(morgan_without_factor, cast.TOTP_SECRET, actor="system:tests")
        page = reverse("mfa_reauthenticate")
        for address in (CONSOLE, reverse("mfa_index"), reverse("mfa_deactivate_totp")):
            assert client.get(address).headers["Location"] == f"{page}?next={address}"
        answer = client.post(f"{page}?next={CONSOLE}", {"code": cast.code_now()})
        assert answer.headers["Location"] == CONSOLE
        assert client.get(CONSOLE).status_code == 200

    def test_staff_with_a_passkey_only_is_asked_for_that(
        self, client: Client, morgan_without_factor: Person
    ) -> None:
        security_key(morgan_without_factor)
        client.force_login(morgan_without_factor)
        page = reverse("mfa_reauthenticate_webauthn")
        for address in (CONSOLE, reverse("mfa_index"), reverse("account_email")):
            assert client.get(address).headers["Location"] == f"{page}?next={address}"

    @pytest.mark.parametrize("factor", ["none", "app"])
    def test_no_page_of_the_console_opens_to_a_password_alone(
        self, client: Client, morgan_without_factor: Person, factor: str
    ) -> None:
        if factor == "app":
            set_totp(morgan_without_factor, cast.TOTP_SECRET, actor="system:tests")
        client.force_login(morgan_without_factor)
        addresses = [page.route for page in mounted() if page.audience == "console"]
        assert len(addresses) > 8
        for address in addresses:
            path = re.sub("<int:[a-z_]+>", "1", re.sub("<(slug|str|uuid):[a-z_]+>", "x", address))
            for answer in (client.get(path), client.post(path)):
                assert answer.status_code == 302, path
                assert answer.headers["Location"].startswith("/accounts/"), path

    def test_a_forgotten_password_is_no_way_around(self, client: Client, morgan: Person) -> None:
        key = f"{user_pk_to_url_str(morgan)}-{default_token_generator.make_token(morgan)}"
        form = client.get(f"/accounts/password/reset/key/{key}/").headers["Location"]
        fresh = "another long enough sentence"
        answer = client.post(form, {"password1": fresh, "password2": fresh})
        assert answer.status_code == 302
        assert client.get(CONSOLE).status_code == 302, "setting one is not signing in"
        answer = client.post("/accounts/login/", {"login": morgan.email, "password": fresh})
        assert answer.headers["Location"] == reverse("mfa_authenticate")
        assert client.get(CONSOLE).headers["Location"].startswith("/accounts/login/")

    def test_no_browser_is_remembered_in_place_of_the_factor(
        self, client: Client, morgan: Person
    ) -> None:
        cast.sign_in(client, morgan)
        client.post(reverse("account_logout"))
        cache.clear()
        answer = client.post("/accounts/login/", {"login": morgan.email, "password": cast.PASSWORD})
        assert answer.headers["Location"] == reverse("mfa_authenticate")

    def test_staff_cannot_give_up_the_last_factor(self, client: Client, morgan: Person) -> None:
        cast.sign_in(client, morgan)
        client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
        answer = client.post(reverse("mfa_deactivate_totp"))
        assert answer.context["form"].errors
        assert Authenticator.objects.filter(user=morgan, type="totp").exists()

    def test_everybody_else_may_go_without(self, client: Client, alice: Person) -> None:
        cast.sign_in(client, alice)
        set_up_totp(client)
        client.post(reverse("mfa_deactivate_totp"))
        assert not Authenticator.objects.filter(user=alice).exists()
        assert tags(alice)[-2:] == ["people:second_factor:removed"] * 2
        assert client.get(reverse("authorizations_user:connections")).status_code == 200

    def test_staff_can_always_leave(self, client: Client, morgan_without_factor: Person) -> None:
        cast.sign_in(client, morgan_without_factor)
        client.post(reverse("account_logout"))
        assert client.get("/start/").headers["Location"] == "/accounts/login/?next=/start/"


class TestAccounts:
    """Signing up and changing a password by the forms."""

    def test_somebody_signs_up_and_is_in_without_waiting_for_a_letter(
        self, client: Client, mailoutbox: list[object]
    ) -> None:
        secret = {"password1": cast.PASSWORD, "password2": cast.PASSWORD}
        form = {"name": "Bob", "email": "Bob@Example.com", **secret}
        answer = client.post(reverse("account_signup"), form)
        bob = queries.find("bob@example.com")
        assert bob is not None
        assert (bob.name, bob.is_exchange_staff, tags(bob)) == (
            "Bob",
            False,
            ["people:person:registered"],
        )
        assert answer.headers["Location"] == "/start/"
        assert client.get("/start/").status_code == 302
        assert len(mailoutbox) == 1

    def test_a_wrong_password_is_said_beside_the_form(self, client: Client, alice: Person) -> None:
        answer = client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
        assert answer.status_code == 200
        assert "not correct" in str(answer.context["form"].non_field_errors())
        assert tags(alice) == ["people:person:registered"]

    def test_a_changed_password_is_in_the_trail_but_not_told(
        self, client: Client, alice: Person
    ) -> None:
        fresh = "another long enough sentence"
        form = {"oldpassword": cast.PASSWORD, "password1": fresh, "password2": fresh}
        cast.sign_in(client, alice).post(reverse("account_change_password"), form)
        alice.refresh_from_db()
        assert alice.check_password(fresh)
        last = events_about(alice.actor).last()
        assert last is not None
        assert (last.tag, last.actor, last.data) == ("people:password:changed", alice.actor, {})


class TestPublic:
    """Pages for everybody."""

    def test_the_front_page_greets_a_visitor(self, client: Client) -> None:
        assert reverse("account_login") in client.get("/").content.decode()

    def test_the_pulse_says_what_answers(self, client: Client) -> None:
        answer = client.get("/healthz/")
        assert (answer.status_code, answer.json()) == (200, {"database": "ok", "redis": "ok"})

    def test_the_pulse_names_what_is_away(self, client: Client, settings: object) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
        answer = client.get("/healthz/")
        assert (answer.status_code, answer.json()) == (503, {"database": "ok", "redis": "away"})


def test_who_tries_too_often_is_told_to_wait_on_a_page_of_ours(client: Client) -> None:
    form = {"login": "nobody@example.com", "password": "guessed"}
    answers = [client.post(reverse("account_login"), form) for _ in range(40)]
    assert answers[-1].status_code == 429
    page = answers[-1].content.decode()
    assert "too often in too short a time" in page
    assert "Connect Portal" in page
