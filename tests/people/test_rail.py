"""The rail offers each role the pages that open to it, and no page links to one that is shut."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from connect_portal.institutions.models import Institution
from connect_portal.people.enums import MembershipRole, StaffRole
from connect_portal.people.models import Person
from tests import cast
from tests.authorizations import oauth
from tests.institutions.road import Road

pytestmark = pytest.mark.django_db


def rail(page: str) -> set[str]:
    """Where the rail of a page leads to."""
    found = re.search(r'<nav class="rail".*?</nav>', page, re.S)
    assert found is not None
    return links(found[0])


def links(page: str) -> set[str]:
    """Where the links of a page lead to, on this site."""
    return set(re.findall(r'<a\b[^>]*\bhref="(/[^"#]*)', page))


def shut(browser: Client, home: str) -> set[str]:
    """The links of the pages in the rail of ``home`` that refuse whoever follows them."""
    pages = rail(browser.get(home).content.decode())
    assert home in pages
    shown = {path: browser.get(path) for path in pages}
    offered = pages.union(*(links(answer.content.decode()) for answer in shown.values()))
    followed = {path: shown.get(path) or browser.get(path) for path in offered}
    return {path for path, answer in followed.items() if answer.status_code == 403}


@pytest.mark.parametrize("role", MembershipRole.values)
def test_nobody_of_an_institution_is_offered_a_page_that_is_shut(
    acme: Institution, role: str
) -> None:
    oauth.client_of(acme)
    browser = cast.sign_in(Client(), cast.member("Mia", acme, role))
    assert shut(browser, "/institution/acme/") == set()


@pytest.mark.parametrize("role", [role for role in StaffRole.values if role])
def test_nobody_of_the_exchange_is_offered_a_page_that_is_shut(role: str) -> None:
    Road.make().in_review()
    browser = cast.sign_in(Client(), cast.staff("Sam", role))
    assert shut(browser, "/console/") == set()


def administrator_with_a_role() -> Person:
    """Somebody who gives roles and has one."""
    root = cast.administrator("Root")
    Person.objects.filter(pk=root.pk).update(staff_role=StaffRole.TECHNICAL)
    return root


@pytest.mark.parametrize(
    "root", [lambda: cast.administrator("Root"), administrator_with_a_role], ids=["alone", "both"]
)
def test_no_administrator_is_offered_a_page_that_is_shut(root: Callable[[], Person]) -> None:
    browser = cast.sign_in(Client(), root())
    assert shut(browser, "/console/staff/") == set()


def test_the_rail_says_which_pages_are_whose(acme: Institution) -> None:
    offered = {}
    for role in MembershipRole.values:
        browser = cast.sign_in(Client(), cast.member(role.title(), acme, role))
        offered[role] = rail(browser.get("/institution/acme/").content.decode())
    money = {"/institution/acme/statements/"}
    assert offered["owner"] == offered["finance"] == offered["viewer"]
    assert offered["owner"] - offered["developer"] == money
    assert offered["developer"] < offered["owner"]


def test_the_rail_of_the_console_grows_with_the_role() -> None:
    def offered(somebody: Person) -> set[str]:
        return rail(cast.sign_in(Client(), somebody).get("/console/").content.decode())

    managers, compliances = offered(cast.staff("Mo")), offered(cast.staff("Cora", "compliance"))
    assert compliances - managers == {"/console/staff/"}
    assert offered(administrator_with_a_role()) - compliances == {"/admin/"}
