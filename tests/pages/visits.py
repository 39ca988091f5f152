"""Who visits each page, and what must have happened before: one line for every address.

A new address without a line here, or in NOT_PAGES, fails `test_pages`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from fido2.cose import CoseKey
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from connect_portal.authorizations.actions import ask_redirect, note_use, propose_ending
from connect_portal.authorizations.enums import BindingState
from connect_portal.authorizations.models import Binding, Grant, Receipt, VenueAccount
from connect_portal.institutions.actions import upload_list
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Application, Institution, Paper
from connect_portal.kit.clock import now
from connect_portal.people.actions import confirm_staff, invite, propose_staff, set_totp
from connect_portal.people.enums import MembershipRole, StaffRole
from connect_portal.people.models import Person, StaffInvitation
from connect_portal.trades.actions.ingest import record_fills
from connect_portal.venue.types import Credentials
from tests import cast
from tests.authorizations import oauth
from tests.certification import runs
from tests.gateway.making import busy_grant
from tests.institutions.road import Road, reviewed
from tests.pages import applicants, editors
from tests.settlement import papers
from tests.trades.making import fill

Arrive = Callable[[Client], dict[str, Any]]


@dataclass(frozen=True)
class Visit:
    """How somebody comes to a page: what they did, with which arguments the address is made."""

    arrive: Arrive
    query: dict[str, str] = field(default_factory=dict)

    def address(self, name: str, client: Client) -> str:
        """Make the visitor and the address of the page ``name``."""
        return reverse(name, kwargs=self.arrive(client), query=self.query or None)


def nobody(client: Client) -> dict[str, Any]:
    """A stranger who has not signed in."""
    return {}


def alice(client: Client) -> dict[str, Any]:
    """An end user, just signed in, who has also typed the password again."""
    cast.sign_in(client, cast.person("Alice"))
    _confirm(client)
    return {}


def alice_without_password(client: Client) -> dict[str, Any]:
    """An end user who has only ever used a passkey."""
    somebody = cast.person("Alice")
    somebody.set_unusable_password()
    somebody.save()
    client.force_login(somebody)
    return {}


def alice_with_totp(client: Client) -> dict[str, Any]:
    """An end user with an authenticator app."""
    somebody = cast.person("Alice")
    set_totp(somebody, cast.TOTP_SECRET, actor=cast.ACTOR)
    cast.sign_in(client, somebody)
    _confirm(client)
    return {}


def alice_with_new_codes(client: Client) -> dict[str, Any]:
    """An end user who has just asked for recovery codes."""
    alice_with_totp(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    return {}


def alice_half_way(client: Client) -> dict[str, Any]:
    """An end user who has given the password and not yet the code."""
    somebody = cast.person("Alice")
    set_totp(somebody, cast.TOTP_SECRET, actor=cast.ACTOR)
    client.post(reverse("account_login"), {"login": somebody.email, "password": cast.PASSWORD})
    return {}


def alice_with_security_key(client: Client) -> dict[str, Any]:
    """An end user with a security key."""
    somebody = cast.person("Alice")
    client.force_login(somebody)
    _confirm(client)
    security_key(somebody)
    return {}


def alice_at_her_security_key(client: Client) -> dict[str, Any]:
    """The same, at a page about that key."""
    alice_with_security_key(client)
    return {"pk": Authenticator.objects.get().pk}


def alice_reading_her_mail(client: Client) -> dict[str, Any]:
    """An end user who follows the link that proves her address."""
    somebody = cast.person("Alice")
    address, _ = EmailAddress.objects.update_or_create(
        user=somebody, email=somebody.email, defaults={"verified": False}
    )
    return {"key": EmailConfirmationHMAC(address).key}


def alice_forgetful(client: Client) -> dict[str, Any]:
    """An end user who follows the link that lets her choose a new password."""
    somebody = cast.person("Alice")
    return {
        "uidb36": user_pk_to_url_str(somebody),
        "key": default_token_generator.make_token(somebody),
    }


def alice_bound(client: Client) -> dict[str, Any]:
    """An end user with a connection to Acme."""
    alice(client)
    bind(Person.objects.get())
    return {}


def alice_ending(client: Client) -> dict[str, Any]:
    """The same, about to end it."""
    alice_bound(client)
    return {"binding_id": Binding.objects.get().pk}


def alice_granted(client: Client) -> dict[str, Any]:
    """An end user who consented for Acme."""
    alice(client)
    acme, _ = oauth.client_of(cast.institution("Acme", code="ACMEcode1"))
    return {"grant_id": oauth.grant_without_a_venue(Person.objects.get(), acme).pk}


def alice_with_a_receipt(client: Client) -> dict[str, Any]:
    """The same with the receipt, limits, and addresses that it was used from."""
    arguments = alice_granted(client)
    grant = Grant.objects.get()
    Grant.objects.update(pairs=["BTC-USDT"], most_per_order=500)
    Receipt.objects.create(grant=grant, wording="1", text="CONSENT", sha256="0" * 64)
    note_use(grant.pk, "192.0.2.7")
    return arguments


def ada_with_client(client: Client) -> dict[str, Any]:
    """The owner of Acme, which has its OAuth client and waits for another redirect URI."""
    arguments = ada(client)
    acme, _ = oauth.client_of(Institution.objects.get(slug=arguments["slug"]))
    ask_redirect(acme.pk, f"{oauth.CALLBACK}/{'new/' * 20}", actor="person:1")
    return arguments


def theo_at_the_redirects(client: Client) -> dict[str, Any]:
    """Somebody technical of the exchange, before a redirect URI that waits."""
    ada_with_client(client)
    client.logout()
    cast.sign_in(client, cast.staff("Theo", StaffRole.TECHNICAL))
    return {}


def alice_asked(client: Client) -> dict[str, Any]:
    """An end user whom Acme sent here."""
    alice(client)
    oauth.client_of(cast.institution("Acme", code="ACMEcode1"), client_id=oauth.CLIENT_ID)
    return {}


def alice_looking_back(client: Client) -> dict[str, Any]:
    """An end user over whose connection orders were accepted, refused and lost."""
    alice(client)
    acme = cast.institution("Acme", code="ACMEcode1")
    return {"grant_id": busy_grant(Person.objects.get(), acme).pk}


def ada_with_requests(client: Client) -> dict[str, Any]:
    """The owner of Acme, whose program sent orders with Alice's token."""
    address = ada(client)
    busy_grant(cast.person("Alice"), Institution.objects.get(slug=address["slug"]))
    return address


def alice_with_fills(client: Client) -> dict[str, Any]:
    """An end user for whom Acme traded."""
    arguments = alice_granted(client)
    at = now() + timedelta(seconds=1)
    account_id = Grant.objects.get().venue_account_id
    record_fills(account_id, [fill(number, filled_at=at) for number in range(3)])
    return arguments


def alice_at_her_account(client: Client) -> dict[str, Any]:
    """An end user with an account at an exchange that is away."""
    alice(client)
    account = VenueAccount.objects.create(
        owner=Person.objects.get(), venue=cast.VENUE, uid="44705892343619584"
    )
    return {"account_id": account.pk}


def alice_at_a_key(client: Client) -> dict[str, Any]:
    """The same, about to delete a key."""
    return {**alice_at_her_account(client), "api_key": "0a1b2c3d-0000-4000-8000-000000000001"}


def ada(client: Client) -> dict[str, Any]:
    """The owner of Acme."""
    acme = cast.institution("Acme", code="ACMEcode1")
    cast.sign_in(client, cast.member("Ada", acme))
    return {"slug": acme.slug}


def morgan(client: Client) -> dict[str, Any]:
    """An account manager, with institutions and connections to look at."""
    cast.institution("Zenith", code="ZENITH2")
    bind(cast.person("Alice"))
    cast.sign_in(client, cast.staff("Morgan"))
    return {}


def morgan_at_an_ending(client: Client) -> dict[str, Any]:
    """The same, asked to confirm the end of all connections of Acme."""
    morgan(client)
    acme = Institution.objects.get(slug="acme")
    propose_ending(acme.pk, reason="A key leaked", person=cast.staff("Theo", "technical"))
    return {"slug": acme.slug}


def iris_signing(client: Client) -> dict[str, Any]:
    """The owner of an institution that is on its way."""
    road = Road.make()
    road.until(Step.CONTRACT_SENT)
    cast.sign_in(client, road.applicant)
    return {"slug": "harbor-trading"}


def iris_with_papers(client: Client) -> dict[str, Any]:
    """The same, at the contract as a file."""
    return iris_signing(client) | {"paper_id": Paper.objects.get().pk}


def cora_countersigning(client: Client) -> dict[str, Any]:
    """Compliance with a contract to countersign."""
    road = Road.make()
    application = road.until(Step.CONTRACT_SIGNED)
    cast.sign_in(client, road.compliance)
    return {"application_id": application.pk}


def morgan_with_papers(client: Client) -> dict[str, Any]:
    """Somebody of the exchange at a contract as a file."""
    cora_countersigning(client)
    return {"paper_id": Paper.objects.latest("pk").pk}


def iris_handing_in(client: Client) -> dict[str, Any]:
    """The owner of an institution whose technical details are due."""
    road = Road.make()
    road.until(Step.TECH_SETUP)
    cast.sign_in(client, road.applicant)
    return {"slug": "harbor-trading"}


def ada_with_a_team(client: Client) -> dict[str, Any]:
    """The owner of an institution with a member and an open invitation."""
    address = ada(client)
    acme = Institution.objects.get(slug="acme")
    cast.member("Ben", acme, MembershipRole.VIEWER)
    invite(acme.pk, email="eve@acme.example", role="developer", actor=cast.ACTOR)
    return address


def root_with_staff(client: Client) -> dict[str, Any]:
    """An administrator with colleagues, one proposed and one invited."""
    root, cora = cast.administrator("Root"), cast.staff("Cora", StaffRole.COMPLIANCE)
    propose_staff(email="eve@example.com", role="finance", person=root)
    offered = propose_staff(email="dan@exchange.example", role="technical", person=root)
    confirm_staff(offered.pk, person=cora)
    cast.sign_in(client, root)
    return {}


def root_at_a_colleague(client: Client) -> dict[str, Any]:
    """The same, at one of them who is signed in."""
    root_with_staff(client)
    morgan = cast.staff("Morgan")
    cast.sign_in(Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) " * 6}), morgan)
    return {"person_id": morgan.pk}


def eve_invited_to_work(client: Client) -> dict[str, Any]:
    """Somebody who reads an invitation to work for the exchange, and lacks a second factor."""
    root_with_staff(client)
    client.logout()
    offered = StaffInvitation.objects.get(email="eve@example.com")
    confirm_staff(offered.pk, person=Person.objects.get(name="Cora"))
    cast.sign_in(client, cast.person("Eve"))
    return {"token": offered.token}


def eve_invited(client: Client) -> dict[str, Any]:
    """Somebody who reads an invitation."""
    acme = cast.institution("Acme", code="ACMEcode1")
    eve = cast.person("Eve")
    offered = invite(acme.pk, email=eve.email, role="finance", actor=cast.ACTOR)
    cast.sign_in(client, eve)
    return {"token": offered.token}


def morgan_at_the_desk(client: Client) -> dict[str, Any]:
    """An account manager with an application to look at."""
    road = Road.make()
    road.in_review()
    cast.sign_in(client, road.manager)
    return {}


def morgan_at_an_application(client: Client) -> dict[str, Any]:
    """The same, at that application."""
    morgan_at_the_desk(client)
    return {"application_id": Application.objects.get().pk}


def cora_at_a_full_review(client: Client) -> dict[str, Any]:
    """Compliance at an application that was asked about, changed, found and ticked."""
    road = Road.make()
    application = reviewed(road)
    cast.sign_in(client, road.compliance)
    return {"application_id": application.pk}


def morgan_at_a_watch_list(client: Client) -> dict[str, Any]:
    """An account manager at a list that waits for a second person."""
    cora = cast.staff("Cora", StaffRole.COMPLIANCE)
    content = b"kind,value,source\ncountry,KP,example\nname,Ivan Volkov,example\n"
    row = upload_list(content, file_name="list.csv", person=cora, actor=cora.actor)
    cast.sign_in(client, cast.staff("Morgan"))
    return {"list_id": row.pk}


def cora_at_the_watch_lists(client: Client) -> dict[str, Any]:
    """Compliance at the versions."""
    morgan_at_a_watch_list(client)
    cast.sign_in(client, Person.objects.get(name="Cora"))
    return {}


def morgan_at_an_institution(client: Client) -> dict[str, Any]:
    """An account manager who reads the story of an institution that is live."""
    road = Road.make()
    application = road.until(Step.ACTIVE)
    cast.sign_in(client, road.manager)
    assert application.institution is not None
    return {"slug": application.institution.slug}


def morgan_at_test_trades(client: Client) -> dict[str, Any]:
    """An account manager who looks at the fills of test trading."""
    road = Road.make()
    application = road.until(Step.SANDBOX_TEST)
    cast.sign_in(client, road.manager)
    return {"application_id": application.pk}


def _confirm(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})


def bind(owner: Person) -> Binding:
    """A working connection of ``owner`` to Acme."""
    binding = Binding(
        venue_account=VenueAccount.objects.create(
            owner=owner, venue=cast.VENUE, uid="44705892343619584"
        ),
        institution=cast.institution("Acme", code="ACMEcode1"),
        state=BindingState.BOUND,
        permissions=["read_only", "trade"],
    )
    binding.keep(Credentials("a1b2c3d4-0000-4000-8000-000000000001", "secret", "passphrase"))
    binding.save()
    return binding


def security_key(owner: Person) -> Authenticator:
    """A registered security key, as the browser would have handed it in."""
    public = {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    key = AttestedCredentialData.create(b"\0" * 16, b"key", CoseKey.parse(public))
    data = AuthenticatorData.create(b"h" * 32, flags, 0, key)
    attestation = AttestationObject.create("none", data, {})
    credential = {
        "id": websafe_encode(b"key"),
        "rawId": websafe_encode(b"key"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(
                b'{"type":"webauthn.create","challenge":"AA","origin":"http://localhost"}'
            ),
            "attestationObject": websafe_encode(bytes(attestation)),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return Authenticator.objects.create(
        user=owner,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Laptop", "credential": credential},
    )


PAGES: dict[str, Visit] = {
    "institutions_public:home": Visit(nobody),
    "institutions_public:rates": Visit(nobody),
    "institutions_public:docs": Visit(nobody),
    "institutions_public:questions": Visit(nobody),
    "institutions_user:apply": Visit(alice),
    "institutions_user:status": Visit(applicants.iris_applied),
    "institutions_user:business": Visit(applicants.iris_mending),
    "institutions_user:company": Visit(applicants.iris_answering),
    "institutions_user:people": Visit(applicants.iris_filling_in),
    "institutions_user:contacts": Visit(applicants.iris_drafting),
    "institutions_user:documents": Visit(applicants.iris_filling_in),
    "institutions_user:technical": Visit(applicants.iris_filling_in),
    "institutions_user:review": Visit(applicants.iris_mending),
    "institutions_public:terms": Visit(nobody),
    "institutions_user:withdraw": Visit(applicants.iris_withdrawing),
    "institutions_institution:onboarding": Visit(iris_signing),
    "institutions_institution:contract": Visit(iris_signing),
    "institutions_institution:technical": Visit(iris_handing_in),
    "institutions_institution:team": Visit(ada_with_a_team),
    "institutions_team_user:accept": Visit(eve_invited),
    "people_console:staff": Visit(root_with_staff),
    "people_console:colleague": Visit(root_at_a_colleague),
    "people_user:accept_staff": Visit(eve_invited_to_work),
    "institutions_institution:guide": Visit(ada),
    "certification_institution:page": Visit(runs.ada_in_a_run),
    "certification_institution:run": Visit(runs.ada_after_a_run),
    "institutions_console:desk": Visit(morgan_at_the_desk),
    "institutions_console:assignment": Visit(morgan_at_an_application),
    "institutions_console:application": Visit(cora_at_a_full_review),
    "institutions_console:watch_lists": Visit(cora_at_the_watch_lists),
    "institutions_console:watch_list": Visit(morgan_at_a_watch_list),
    "institutions_console:contract": Visit(cora_countersigning),
    "institutions_console:editions": Visit(editors.cora_at_the_editions),
    "institutions_console:edition": Visit(editors.cora_at_new_words),
    "institutions_console:edition_history": Visit(editors.cora_at_a_letters_words),
    "institutions_console:edition_new": Visit(editors.morgan_at_a_new_plan),
    "institutions_console:letter": Visit(editors.morgan_at_a_letter),
    "monitoring_console:evidence": Visit(morgan_at_test_trades),
    "certification_console:runs": Visit(morgan_at_test_trades),
    "certification_console:run": Visit(runs.morgan_at_a_run),
    "account_login": Visit(nobody),
    "account_signup": Visit(nobody),
    "account_inactive": Visit(nobody),
    "account_reset_password": Visit(nobody),
    "account_reset_password_done": Visit(nobody),
    "account_reset_password_from_key": Visit(alice_forgetful),
    "account_reset_password_from_key_done": Visit(nobody),
    "account_email_verification_sent": Visit(nobody),
    "account_confirm_email": Visit(alice_reading_her_mail),
    "account_logout": Visit(alice),
    "account_reauthenticate": Visit(alice),
    "account_email": Visit(alice),
    "account_change_password": Visit(alice),
    "account_set_password": Visit(alice_without_password),
    "people_sessions_user:sessions": Visit(alice),
    "mfa_index": Visit(alice_with_totp),
    "mfa_authenticate": Visit(alice_half_way),
    "mfa_reauthenticate": Visit(alice_with_totp),
    "mfa_activate_totp": Visit(alice),
    "mfa_deactivate_totp": Visit(alice_with_totp),
    "mfa_view_recovery_codes": Visit(alice_with_new_codes),
    "mfa_generate_recovery_codes": Visit(alice_with_totp),
    "mfa_list_webauthn": Visit(alice_with_security_key),
    "mfa_add_webauthn": Visit(alice),
    "mfa_reauthenticate_webauthn": Visit(alice_with_security_key),
    "mfa_edit_webauthn": Visit(alice_at_her_security_key),
    "mfa_remove_webauthn": Visit(alice_at_her_security_key),
    "monitoring_institution:live": Visit(ada),
    "monitoring_institution:fills": Visit(ada, query={"before": "1"}),
    "monitoring_console:institutions": Visit(morgan),
    "monitoring_console:institution": Visit(morgan_at_an_institution),
    "monitoring_console:sync": Visit(morgan),
    "settlement_institution:statements": Visit(papers.ada_reading),
    "settlement_institution:statement": Visit(papers.ada_at_a_statement),
    "settlement_institution:line": Visit(papers.ada_at_a_line),
    "settlement_console:statements": Visit(papers.finn_closing),
    "settlement_console:statement": Visit(papers.cora_issuing),
    "settlement_console:line": Visit(papers.cora_at_a_line),
    "authorizations_user:connections": Visit(alice_bound),
    "authorizations_user:bind": Visit(alice),
    "authorizations_user:end": Visit(alice_ending),
    "gateway_user:activity": Visit(alice_looking_back),
    "gateway_institution:decisions": Visit(ada_with_requests),
    "gateway_user:usage": Visit(alice_looking_back),
    "trades_user:fills": Visit(alice_with_fills),
    "trades_user:binding_fills": Visit(alice_ending),
    "authorizations_user:grant": Visit(alice_with_a_receipt),
    "authorizations_user:limits": Visit(alice_with_a_receipt),
    "authorizations_user:receipt": Visit(alice_with_a_receipt),
    "authorizations_user:end_grant": Visit(alice_granted),
    "authorizations_user:account": Visit(alice),
    "authorizations_user:demo_account": Visit(alice),
    "authorizations_user:account_page": Visit(alice_at_her_account),
    "authorizations_user:keys": Visit(alice_at_her_account),
    "authorizations_user:delete_key": Visit(alice_at_a_key),
    "authorizations_institution:access": Visit(ada_with_client),
    "authorizations_institution:test_access": Visit(ada_with_client),
    "authorizations_console:connections": Visit(morgan),
    "authorizations_console:of_institution": Visit(morgan_at_an_ending),
    "authorizations_console:redirects": Visit(theo_at_the_redirects),
    "authorizations_consent_user:authorize": Visit(alice_asked, query=oauth.QUERY),
    "authorizations_okx_user:authorize": Visit(
        alice_asked, query=oauth.QUERY | {"scope": "read_only,trade"}
    ),
}

NOT_PAGES: dict[str, Visit] = {
    "institutions_user:change": Visit(applicants.iris_drafting),  # sends to the first open section
    "institutions_documents_user:document": Visit(applicants.iris_at_a_document),  # a file
    "people_public:start": Visit(alice),  # sends people to where they work
    "usersessions_list": Visit(alice),  # sends to our own page of sessions
    "people_public:healthz": Visit(nobody),  # JSON
    "institutions_institution:paper": Visit(iris_with_papers),  # a file
    "institutions_console:paper": Visit(morgan_with_papers),  # a file
    "settlement_institution:export": Visit(papers.ada_at_a_statement),  # a file
    "settlement_console:export": Visit(papers.cora_issuing),  # a file
    "authorizations_machine:discovery": Visit(nobody),  # JSON
    "certification_institution:report": Visit(runs.ada_after_a_run),  # a file
    "certification_console:report": Visit(runs.morgan_at_a_run),  # a file
    "account_confirm_login_code": Visit(nobody),  # no sign-in by code here: sends to sign in
    "mfa_download_recovery_codes": Visit(alice_with_new_codes),  # a text file
    "mfa_login_webauthn": Visit(nobody),  # JSON for the passkey script
}

ELSEWHERE = {
    "institutions_console:take",
    "institutions_console:renewal",
    "institutions_console:saved_filters",
    "institutions_user:reply",
    "authorizations_institution:change",
    "authorizations_institution:change_test",
    "authorizations_institution:ask_redirect",
    "authorizations_institution:ask_test_redirect",
    "authorizations_institution:act",
    "authorizations_user:bind_institutions",
    "authorizations_user:prices",
    "authorizations_user:holdings",
    "authorizations_user:place_order",
    "authorizations_user:cancel_order",
    "authorizations_user:give_money",
    "authorizations_consent_user:venue_callback",
    "authorizations_machine:logo",
    "authorizations_machine:par",
    "authorizations_machine:token",
    "authorizations_machine:okx_token",
    "authorizations_machine:okx_token_below_api",
    "authorizations_machine:revoke",
    "authorizations_machine:introspect",
    "certification_institution:progress",
    "demo_public:company",
    "demo_public:connect",
    "demo_public:callback",
}
"""Addresses that tests of their own visit: what programs post to, parts and forms of the page of an
account and of a run of test trading, and the demo pages."""
