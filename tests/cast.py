"""The cast: who plays in the tests, made by the same verbs that the site uses.

Acme (Ada owns it, Ben looks on), its rival Zenith and its owner, the end users Alice and Bob,
Morgan the account manager with a second factor, and Mallory, whom nobody invited.
"""

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from connect_portal.institutions.actions import issue_code, open_institution
from connect_portal.institutions.enums import BusinessKind, Channel, CodeState
from connect_portal.institutions.models import Institution
from connect_portal.people.actions import give_membership, make_administrator, register, set_totp
from connect_portal.people.enums import MembershipRole, StaffRole
from connect_portal.people.models import Person

ACTOR = "system:tests"
PASSWORD = "correct horse battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
VENUE = "sandbox"


def institution(name: str, *, code: str) -> Institution:
    """An institution live on both channels with an active Connect code."""
    opened = open_institution(
        name=name,
        kind=BusinessKind.BOT_PLATFORM,
        channels=[Channel.API, Channel.OAUTH],
        actor=ACTOR,
    )
    issue_code(opened.pk, venue=VENUE, actor=ACTOR, state=CodeState.ACTIVE, code=code)
    return opened


def person(name: str, *, staff_role: str = StaffRole.NONE) -> Person:
    """Somebody who can sign in with PASSWORD."""
    return register(
        email=f"{name.lower()}@example.com",
        password=PASSWORD,
        name=name,
        staff_role=staff_role,
        actor=ACTOR,
    )


def applicant(name: str) -> Person:
    """Somebody who may apply in a company's name: with TOTP_SECRET as second factor."""
    somebody = person(name)
    set_totp(somebody, TOTP_SECRET, actor=ACTOR)
    return somebody


def member(name: str, place: Institution, role: str = MembershipRole.OWNER) -> Person:
    """Somebody who belongs to an institution."""
    somebody = person(name)
    give_membership(somebody, place.pk, role, actor=ACTOR)
    return somebody


def staff(name: str, role: str = StaffRole.ACCOUNT_MANAGER) -> Person:
    """Somebody of the exchange, with TOTP_SECRET as second factor."""
    somebody = person(name, staff_role=role)
    set_totp(somebody, TOTP_SECRET, actor=ACTOR)
    return somebody


def administrator(name: str) -> Person:
    """Somebody who gives and takes roles at the exchange, with TOTP_SECRET as second factor."""
    somebody = person(name)
    make_administrator(somebody, actor=ACTOR)
    set_totp(somebody, TOTP_SECRET, actor=ACTOR)
    return somebody


def code_now(secret: str = TOTP_SECRET) -> str:
    """The six digits that an authenticator app shows now (RFC 6238)."""
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


def sign_in(client: Client, somebody: Person) -> Client:
    """Sign in by the forms: the password, and the second factor where there is one."""
    credentials = {"login": somebody.email, "password": PASSWORD}
    answer = client.post("/accounts/login/", credentials)
    if answer.headers.get("Location", "").startswith("/accounts/2fa/"):
        client.post(answer.headers["Location"], {"code": code_now()})
    return client
