"""Who may open which page of an institution, and who may send its form: one row for each address.

A new address without a row here fails.
"""

import re
from typing import Final

import pytest
from django.test import Client

from connect_portal.authorizations.models import RedirectProposal
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Institution
from connect_portal.kit.doors import mounted
from connect_portal.people.enums import MembershipRole
from tests import cast
from tests.authorizations import oauth
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db

EVERYBODY: Final = ("owner", "developer", "finance", "viewer")
TECHNICAL: Final = ("owner", "developer")
MONEY: Final = ("owner", "finance", "viewer")
OWNER: Final = ("owner",)
NOBODY: Final = ()
OUTSIDE: Final = ("stranger", "rival", "staff")
"""No page of an institution is theirs, whoever else they are."""

MAY_READ: Final = {
    "monitoring_institution:live": EVERYBODY,
    "monitoring_institution:fills": EVERYBODY,
    "institutions_institution:onboarding": EVERYBODY,
    "institutions_institution:contract": EVERYBODY,
    "institutions_institution:paper": EVERYBODY,
    "institutions_institution:technical": EVERYBODY,
    "institutions_institution:team": EVERYBODY,
    "institutions_institution:guide": EVERYBODY,
    "authorizations_institution:access": EVERYBODY,
    "authorizations_institution:test_access": EVERYBODY,
    "authorizations_institution:change": EVERYBODY,
    "authorizations_institution:change_test": EVERYBODY,
    "authorizations_institution:ask_redirect": EVERYBODY,
    "authorizations_institution:ask_test_redirect": EVERYBODY,
    "authorizations_institution:act": EVERYBODY,
    "certification_institution:page": EVERYBODY,
    "certification_institution:progress": EVERYBODY,
    "certification_institution:run": EVERYBODY,
    "certification_institution:report": EVERYBODY,
    "settlement_institution:statements": MONEY,
    "settlement_institution:statement": MONEY,
    "settlement_institution:line": MONEY,
    "settlement_institution:export": MONEY,
    "gateway_institution:decisions": EVERYBODY,
}
MAY_SEND: Final = {
    "institutions_institution:team": OWNER,
    "authorizations_institution:access": TECHNICAL,
    "authorizations_institution:test_access": NOBODY,
    "authorizations_institution:change": TECHNICAL,
    "authorizations_institution:change_test": TECHNICAL,
    "authorizations_institution:ask_redirect": TECHNICAL,
    "authorizations_institution:ask_test_redirect": TECHNICAL,
    "authorizations_institution:act": TECHNICAL,
}
"""Forms that Acme has; a test client, and so its secret, it has none."""


@pytest.fixture
def browsers(acme: Institution) -> dict[str, Client]:
    """One of each role at Acme, and those who have no place there."""
    people = {role: cast.member(role.title(), acme, role) for role in MembershipRole.values}
    zenith = cast.institution("Zenith", code="ZENITH2")
    people |= {
        "stranger": cast.person("Mallory"),
        "rival": cast.member("Zoe", zenith),
        "staff": cast.staff("Morgan"),
    }
    oauth.client_of(acme)
    return {role: cast.sign_in(Client(), somebody) for role, somebody in people.items()}


def pages() -> dict[str, str]:
    """Every address of an institution's pages, as it is for Acme."""
    return {
        page.name: re.sub("<int:[a-z_]+>", "1", page.route.replace("<slug:slug>", "acme"))
        for page in mounted()
        if page.audience == "institution"
    }


def allowed(statuses: dict[str, int]) -> set[str]:
    """Who was not refused; a page may still find nothing, or take no form."""
    return {role for role, status in statuses.items() if status != 403}


def test_every_page_of_an_institution_opens_to_the_roles_of_its_row_alone(
    browsers: dict[str, Client],
) -> None:
    found = pages()
    assert found.keys() == MAY_READ.keys()
    for name, path in found.items():
        statuses = {role: browser.get(path).status_code for role, browser in browsers.items()}
        assert allowed(statuses) == set(MAY_READ[name]), name
        assert max(statuses.values()) < 500, name


def test_every_form_of_an_institution_is_for_the_roles_of_its_row_alone(
    browsers: dict[str, Client],
) -> None:
    found = pages()
    for name, roles in MAY_SEND.items():
        statuses = {role: one.post(found[name]).status_code for role, one in browsers.items()}
        assert allowed(statuses) == set(roles), name
        assert max(statuses.values()) < 500, name
    for name in found.keys() - MAY_SEND.keys():
        statuses = {role: one.post(found[name]).status_code for role, one in browsers.items()}
        assert {statuses[role] for role in OUTSIDE} == {403}, name
    assert not RedirectProposal.objects.exists()


@pytest.mark.parametrize("role", ["developer", "finance", "viewer"])
def test_only_an_owner_signs_and_hands_in(role: str) -> None:
    road = Road.make()
    application = road.until(Step.CONTRACT_SENT)
    assert application.institution is not None
    browser = cast.sign_in(Client(), cast.member("Mia", application.institution, role))
    home = f"/institution/{application.institution.slug}/"
    sha256 = application.institution.contracts.get().sha256
    form = {"name": "Mia", "sha256": sha256}
    assert browser.post(f"{home}contract/", form).status_code == 403
    technical = {"redirect_uris": "https://harbor.example/callback", "ips": ""}
    assert browser.post(f"{home}technical/", technical).status_code == 403
    application.refresh_from_db()
    assert application.step == Step.CONTRACT_SENT
