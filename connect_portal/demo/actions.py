"""Loads the cast. Every step finds what is there already, so loading twice changes nothing and a
load that was interrupted goes on where it stopped. Where the file of secrets was lost, people and
accounts stay who they are and get new ones."""

from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings

from connect_portal.authorizations.actions import (
    adopt_account,
    approve_redirect,
    make_secret,
    open_client,
    open_test_client,
    revoke_secret,
)
from connect_portal.authorizations.queries import is_secret_of, secrets_of
from connect_portal.demo import store
from connect_portal.demo.applying import apply_and_review
from connect_portal.demo.cast import COMPANIES, FUNDS, KEY_PERMISSIONS, PEOPLE, Role
from connect_portal.demo.errors import NoSandbox, NotHere
from connect_portal.demo.queries import redirect_uri
from connect_portal.institutions.actions import (
    accept_contract,
    go_live,
    issue_code,
    open_institution,
)
from connect_portal.institutions.contracts import STARTING_LEVEL
from connect_portal.institutions.enums import Channel, CodeState
from connect_portal.institutions.queries import code_of, contract, institution
from connect_portal.kit.ids import random_code
from connect_portal.people.actions import give_membership, register, set_totp
from connect_portal.people.enums import MembershipRole
from connect_portal.people.queries import find, institutions_of
from connect_portal.people.second_factor import factors_of
from connect_portal.terms.queries import example_plan_version, rate
from connect_portal.venue import sandbox_operator
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.types import Environment

ACTOR = "demo"


def load() -> None:
    """Load the whole cast. Raises NotHere, NoSandbox, or the venue's error when it is away."""
    if not (settings.EMBEDDED or settings.DEMO):
        raise NotHere()
    if not sandbox_operator.available():
        raise NoSandbox()
    kept = store.read()
    kept["password"] = kept["password"] or random_code(20)
    store.write(kept)
    for key in COMPANIES:
        _open_venue_account(kept, key, ("read_only",))
        _open_company(kept, key)
        _open_client(kept, key)
    for key in ("trader", "counterparty"):
        uid = _open_venue_account(kept, key, tuple(KEY_PERMISSIONS))
        for currency, amount in FUNDS.items():
            sandbox_operator.fund(uid, f"demo-{key}-{currency}", currency, amount)
    for key, role in PEOPLE.items():
        _bring_on(kept, key, role)
    for key in ("trader", "counterparty"):
        if person := find(PEOPLE[key].email):
            adopt_account(person.pk, settings.VENUE_NAME, kept["uids"][key], actor=ACTOR)
    apply_and_review(kept["uids"])


def _open_company(kept: dict[str, Any], key: str) -> None:
    company = COMPANIES[key]
    ours = institution(key) or open_institution(
        name=company.name,
        kind=company.kind,
        channels=list(Channel),
        actor=ACTOR,
        venue_account_uid=kept["uids"][key],
    )
    if code_of(ours.pk, settings.VENUE_NAME) is None:
        issue_code(ours.pk, venue=settings.VENUE_NAME, actor=ACTOR, state=CodeState.ACTIVE)
    if contract(ours.pk, business_now()) is None:
        accept_contract(
            ours.pk,
            plan_version_id=example_plan_version(),
            level=STARTING_LEVEL,
            accepted_by=f"Owner of {company.name}",
            actor=ACTOR,
        )
    go_live(ours.pk, actor=ACTOR)
    _register_code(kept["uids"][key], ours.pk)


def _register_code(uid: str, institution_id: int) -> None:
    """Tell the exchange whose account has the code, at the rates of the contract."""
    code = code_of(institution_id, settings.VENUE_NAME)
    terms = contract(institution_id, business_now())
    assert code is not None
    assert terms is not None
    direct, affiliated = (
        rate(terms.plan_version_id, terms.level, affiliated=invited) for invited in (False, True)
    )
    sandbox_operator.set_broker(uid, code, rate=direct, affiliated_rate=affiliated)


def _open_client(kept: dict[str, Any], key: str) -> None:
    """The company's OAuth client, answered at the page that plays it, with a secret as kept."""
    ours = institution(key)
    assert ours is not None
    client = open_client(ours.pk, actor=ACTOR)
    uri = redirect_uri(key)
    approve_redirect(client.pk, uri, proposed_by="demo:institution", approved_by="demo:exchange")
    if not is_secret_of(client.client_id, kept["client_secrets"].get(key, "")):
        for lost in secrets_of(client):
            revoke_secret(ours.pk, lost.pk, actor=ACTOR)
        kept["client_secrets"][key] = make_secret(ours.pk, actor=ACTOR)
        store.write(kept)


def test_secret(key: str) -> tuple[str, str]:
    """Id and secret of a company's test client, as kept or made now."""
    ours, kept = institution(key), store.read()
    assert ours is not None
    client, place = open_test_client(ours.pk, actor=ACTOR), f"{key} test"
    if not is_secret_of(client.client_id, kept["client_secrets"].get(place, "")):
        for lost in secrets_of(client):
            revoke_secret(ours.pk, lost.pk, actor=ACTOR)
        made = make_secret(ours.pk, actor=ACTOR, environment=Environment.DEMO)
        kept["client_secrets"][place] = made
        store.write(kept)
    return client.client_id, kept["client_secrets"][place]


def _bring_on(kept: dict[str, Any], key: str, role: Role) -> None:
    person = find(role.email)
    if person is None:
        person = register(
            email=role.email,
            password=kept["password"],
            name=role.name,
            staff_role=role.staff_role,
            is_demo=True,
            actor=ACTOR,
        )
    elif key not in kept["people"]:
        person.set_password(kept["password"])
        person.save(update_fields=["password"])
    if key not in kept["people"]:
        kept["people"].append(key)
        store.write(kept)
    company = institution(role.owns) if role.owns else None
    if company and company.pk not in institutions_of(person):
        give_membership(person, company.pk, MembershipRole.OWNER, actor=ACTOR)
    known = key in kept["totp_secrets"]
    if role.has_factor and not (known and factors_of(person).exists()):
        secret = kept["totp_secrets"].setdefault(key, generate_totp_secret())
        store.write(kept)
        set_totp(person, secret, actor=ACTOR)


def _open_venue_account(kept: dict[str, Any], key: str, keys: tuple[str, ...]) -> str:
    """An account at the sandbox with the named API keys, all as kept or made now."""
    uid = sandbox_operator.open_account(f"demo-{key}", f"Demo {key}")
    kept["uids"][key] = uid
    known = kept["keys"].setdefault(key, {})
    there = str(sandbox_operator.account(uid))
    for name in keys:
        if name in known and known[name]["api_key"] in there:
            continue
        made = sandbox_operator.create_key(
            uid, f"demo {name}", f"{random_code(12)}aA1!", KEY_PERMISSIONS[name]
        )
        known[name] = {
            "api_key": made.api_key,
            "secret": made.secret,
            "passphrase": made.passphrase,
        }
        store.write(kept)
    store.write(kept)
    return uid
