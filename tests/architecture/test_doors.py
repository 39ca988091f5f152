"""Every address of the site has a door, or is one of the few that are for everybody."""

import pytest

from connect_portal.kit.doors import Mounted, mounted

AUDIENCES = {"console", "institution", "user"}

FOR_EVERYBODY = {
    "institutions_public:home",
    "people_public:start",
    "people_public:healthz",
    "institutions_public:rates",
    "institutions_public:docs",
    "institutions_public:questions",
    "institutions_public:terms",
    "authorizations_machine:par",
    "authorizations_machine:logo",
    "authorizations_machine:token",
    "authorizations_machine:okx_token",
    "authorizations_machine:okx_token_below_api",
    "authorizations_machine:revoke",
    "authorizations_machine:introspect",
    "authorizations_machine:discovery",
    "demo_public:company",
    "demo_public:connect",
    "demo_public:callback",
}
"""Pages without a door. allauth's pages under /accounts/ guard themselves."""


@pytest.fixture(scope="module")
def pages() -> list[Mounted]:
    """Every address of the site."""
    return list(mounted())


def test_every_address_has_a_door_or_is_for_everybody(pages: list[Mounted]) -> None:
    without = {
        page.name or page.route
        for page in pages
        if not page.audience and not page.route.startswith("/accounts/")
    }
    assert without == FOR_EVERYBODY


def test_every_door_is_one_of_the_three_audiences(pages: list[Mounted]) -> None:
    assert {page.audience for page in pages if page.audience} == AUDIENCES


def test_nothing_of_ours_hides_among_the_account_pages(pages: list[Mounted]) -> None:
    account = [page.name for page in pages if page.route.startswith("/accounts/")]
    strangers = [
        name for name in account if not name.startswith(("account_", "mfa_", "usersessions_"))
    ]
    assert strangers == []


def test_every_address_has_a_name_in_the_namespace_of_its_room(pages: list[Mounted]) -> None:
    doored = [page for page in pages if page.audience]
    assert [
        page for page in doored if not page.name.partition(":")[0].endswith(page.audience)
    ] == []
