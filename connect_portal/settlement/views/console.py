"""Finance closes days, compliance issues statements; all staff may look."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.kit.clock import now
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of
from connect_portal.settlement import queries, rules
from connect_portal.settlement.actions.closing import close_day, issue
from connect_portal.settlement.errors import NotCompliance, NotFinance, OwnStatement
from connect_portal.settlement.forms import CloseDayForm
from connect_portal.settlement.views.parts import exported, key_in
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person
    from connect_portal.settlement.models import Statement


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def statements(request: HttpRequest) -> HttpResponse:
    """All statements, the business clock, and the button that closes a day."""
    if request.method != "POST":
        form = CloseDayForm.for_day(business_now().date() - timedelta(days=1))
        return _list(request, form, 200)
    form = CloseDayForm(request.POST)
    if not form.is_valid():
        return _list(request, form, 422)
    person, day = person_of(request), form.cleaned_data["day"]
    try:
        made = close_day(day, actor=person.actor, proposed_by=person)
    except NotFinance as refusal:
        form.add_error(None, refusal.text)
        return _list(request, form, 403)
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.text)
        return _list(request, form, 422)
    messages.success(request, _closed_words(day.isoformat(), len(made)))
    return redirect("settlement_console:statements")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, statement_id: int) -> HttpResponse:
    """One statement as closed, and the button that issues it."""
    paper, person = _statement(statement_id), person_of(request)
    if request.method != "POST":
        return _paper(request, paper, person, "", 200)
    try:
        issue(paper.pk, confirmed_by=person, at=business_now())
    except (NotCompliance, OwnStatement) as refusal:
        return _paper(request, paper, person, refusal.text, 403)
    except Refusal as refusal:
        return _paper(request, _statement(statement_id), person, refusal.text, 409)
    messages.success(request, f"Statement {paper.number} of {paper.institution_name} is issued.")
    return redirect("settlement_console:statement", paper.pk)


@never_cache
@require_safe
def line(request: HttpRequest, statement_id: int, line: int) -> HttpResponse:
    """One line, opened down to its fills, a page at a time."""
    paper = _statement(statement_id)
    row = queries.line(paper, line)
    if row is None:
        raise Http404
    page = queries.fills(row, after=key_in(request, "after") or 0)
    context = {"statement": paper, "line": row, "page": page}
    return render(request, "settlement/console/line.html", context)


@never_cache
@require_safe
def export(request: HttpRequest, statement_id: int) -> HttpResponse:
    """The canonical content of a statement."""
    return exported(_statement(statement_id))


def _closed_words(day: str, made: int) -> str:
    if not made:
        return f"{day} is closed. Nothing that counts was left to state."
    papers = "1 statement waits" if made == 1 else f"{made} statements wait"
    return f"{day} is closed: {papers} for compliance to issue."


def _list(request: HttpRequest, form: CloseDayForm, status: int) -> HttpResponse:
    moment = business_now()
    context = {
        "form": form,
        "may_close": rules.may_close(person_of(request)),
        "why_not": NotFinance().text,
        "business_time": moment,
        "days_ahead": round((moment - now()) / timedelta(days=1)),
        "page": queries.all_statements(before=key_in(request, "before")),
    }
    return render(request, "settlement/console/statements.html", context, status=status)


def _paper(
    request: HttpRequest, paper: "Statement", person: "Person", refusal: str, status: int
) -> HttpResponse:
    is_own = paper.proposed_by_id == person.pk
    why_not = OwnStatement() if is_own and rules.may_issue(person) else NotCompliance()
    context = {
        "statement": paper,
        "totals": queries.totals(paper),
        "lines": queries.lines(paper),
        "may_issue": rules.may_issue(person) and not is_own,
        "why_not": why_not.text,
        "refusal": refusal,
    }
    return render(request, "settlement/console/statement.html", context, status=status)


def _statement(statement_id: int) -> "Statement":
    paper = queries.statement(statement_id) if statement_id < 2**63 else None
    if paper is None:
        raise Http404
    return paper
