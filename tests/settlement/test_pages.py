"""The pages of settlement: who sees what, what a button does, what a refusal says."""

import hashlib
import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.settlement import queries
from connect_portal.settlement.actions.closing import close_day
from connect_portal.settlement.errors import NotCompliance, NotFinance
from connect_portal.settlement.models import Statement
from tests import cast
from tests.settlement import papers
from tests.settlement.making import DAY, live, trade
from tests.trades.making import bound_account

pytestmark = pytest.mark.django_db

CONSOLE = "/console/statements/"


def page(client: Client, path: str, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_an_institution_sees_its_statements_once_they_are_issued(client: Client) -> None:
    acme = papers.acme_with_statements()
    cast.sign_in(client, cast.member("Ada", acme))
    address = f"/institution/{acme.slug}/statements/"
    assert "No statement yet" in page(client, address)
    assert client.get(f"{address}1/").status_code == 404
    papers.issue_all(papers.cora())
    assert [f"Statement {n}" in page(client, address) for n in (1, 2, 3)] == [True, True, False]
    assert "2026-11-20" in page(client, f"{address}1/")


def test_a_statement_opens_to_lines_and_they_to_fills(client: Client) -> None:
    address = reverse("settlement_institution:statement", kwargs=papers.ada_at_a_statement(client))
    words = page(client, address)
    assert "Adjustment" in words
    statement = Statement.objects.get(number=2)
    assert statement.hash in words
    fills = page(client, f"{address}2/")
    assert "c4" in fills
    assert "0.00875" in fills
    assert client.get(f"{address}3/").status_code == 404


def test_the_fills_of_a_line_are_paged_by_key(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ROWS", 2)
    acme = live(cast.institution("Acme", code="ACMEcode1"))
    trade(bound_account(cast.person("Alice"), acme), 1, 2, 3, 4, 5)
    close_day(DAY, actor=cast.ACTOR)
    papers.issue_all(papers.cora())
    cast.sign_in(client, cast.member("Ada", acme))
    address: str | None = f"/institution/{acme.slug}/statements/1/1/"
    seen = []
    while address:
        context = client.get(address).context
        seen.append([row.fill.bill_id for row in context["page"].rows])
        after = context["page"].goes_on
        address = f"/institution/{acme.slug}/statements/1/1/?after={after}" if after else None
    assert seen == [["1", "2"], ["3", "4"], ["5"]]


def test_the_file_of_a_statement_hashes_to_what_the_page_shows(client: Client) -> None:
    kwargs = papers.ada_at_a_statement(client)
    answer = client.get(reverse("settlement_institution:export", kwargs=kwargs))
    assert answer.headers["Content-Type"] == "application/json"
    assert hashlib.sha256(answer.content).hexdigest() == Statement.objects.get(number=2).hash
    told = json.loads(answer.content)
    assert told["statement"]["previous_hash"] == Statement.objects.get(number=1).hash
    assert [line["opened"][0]["bill_id"] for line in told["lines"]] == ["5", "4"]


@pytest.mark.parametrize("name", ["statements", "statement", "line", "export"])
def test_a_rival_and_a_stranger_see_nothing(
    client: Client, name: str, rival: Person, mallory: Person
) -> None:
    kwargs = papers.ada_at_a_line(Client())
    needed = {"statements": 1, "statement": 2, "export": 2, "line": 3}[name]
    address = reverse(f"settlement_institution:{name}", args=list(kwargs.values())[:needed])
    for somebody in (rival, mallory):
        client.force_login(somebody)
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?before=" + "9" * 40, "?before=٣"])
def test_a_list_does_not_go_on_from_nonsense(client: Client, query: str) -> None:
    address = reverse("settlement_institution:statements", kwargs=papers.ada_reading(client))
    assert client.get(address + query).status_code == 404


def test_finance_closes_a_day_and_compliance_issues_it(client: Client) -> None:
    acme = live(cast.institution("Acme", code="ACMEcode1"))
    trade(bound_account(cast.person("Alice"), acme), 1)
    cast.sign_in(client, papers.finn())
    answer = client.post(CONSOLE, {"day": DAY.isoformat()}, follow=True)
    assert "1 statement waits for compliance" in answer.content.decode()
    statement = Statement.objects.get()
    assert (statement.day, str(statement.proposed_by)) == (DAY, "Finn")
    assert escape(NotCompliance().text) in page(client, f"{CONSOLE}{statement.pk}/")

    client.logout()
    cast.sign_in(client, papers.cora())
    assert escape(NotFinance().text) in page(client, CONSOLE)
    answer = client.post(f"{CONSOLE}{statement.pk}/", follow=True)
    assert "is issued" in answer.content.decode()
    statement.refresh_from_db()
    assert (str(statement.confirmed_by), statement.issued_at is not None) == ("Cora", True)
    again = client.post(f"{CONSOLE}{statement.pk}/")
    assert (again.status_code, "was issued by Cora" in again.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("day", "words"),
    [("2999-01-01", "is not over yet"), ("9999-12-31", "is not over yet"), ("soon", "valid date")],
)
def test_a_day_that_cannot_be_closed_says_why_beside_its_field(
    client: Client, day: str, words: str
) -> None:
    cast.sign_in(client, papers.finn())
    answer = client.post(CONSOLE, {"day": day})
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors["day"])


def test_nobody_but_finance_closes_and_nobody_but_compliance_issues(
    client: Client, morgan: Person
) -> None:
    papers.acme_with_statements()
    cast.sign_in(client, morgan)
    statement = Statement.objects.latest("pk")
    refused = client.post(CONSOLE, {"day": DAY.isoformat()})
    assert (refused.status_code, NotFinance().text in refused.content.decode()) == (403, True)
    assert client.post(f"{CONSOLE}{statement.pk}/").status_code == 403
    statement.refresh_from_db()
    assert statement.issued_at is None


def test_lists_cost_the_same_for_one_statement_and_for_many(
    client: Client, zenith: Institution, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    live(zenith)
    trade(bound_account(cast.person("Bob"), zenith, uid="9"), 1, tag="ZENITH2")
    close_day(DAY, actor=cast.ACTOR)
    with django_assert_num_queries(2):
        assert len(queries.all_statements().rows) == 1
    papers.acme_with_statements()
    with django_assert_num_queries(2):
        assert len(queries.all_statements().rows) == 3
