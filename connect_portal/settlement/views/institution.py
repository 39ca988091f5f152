"""An institution's statements: the list, one opened down to its fills, the file that proves it."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.institutions.queries import contract, institution
from connect_portal.settlement import queries
from connect_portal.settlement.views.parts import exported, key_in
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution
    from connect_portal.settlement.models import Statement


@never_cache
@require_safe
def statements(request: HttpRequest, slug: str) -> HttpResponse:
    """Issued statements, newest first, and what has been earned since."""
    ours = _institution(slug)
    now = business_now()
    context = {
        "institution": ours,
        "contract": contract(ours.pk, now),
        "today": now.date(),
        "earned_today": queries.earned_on(ours.pk, now.date()),
        "unstated": queries.unstated_sums(ours.pk),
        "page": queries.statements(ours.pk, before=key_in(request, "before")),
    }
    return render(request, "settlement/institution/statements.html", context)


@never_cache
@require_safe
def statement(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One statement: its sums and its lines."""
    ours, paper = _issued(slug, number)
    context = {
        "institution": ours,
        "statement": paper,
        "totals": queries.totals(paper),
        "lines": queries.lines(paper),
    }
    return render(request, "settlement/institution/statement.html", context)


@never_cache
@require_safe
def line(request: HttpRequest, slug: str, number: int, line: int) -> HttpResponse:
    """One line, opened down to its fills, a page at a time."""
    ours, paper = _issued(slug, number)
    row = queries.line(paper, line)
    if row is None:
        raise Http404
    page = queries.fills(row, after=key_in(request, "after") or 0)
    context = {"institution": ours, "statement": paper, "line": row, "page": page}
    return render(request, "settlement/institution/line.html", context)


@never_cache
@require_safe
def export(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The canonical content of a statement."""
    return exported(_issued(slug, number)[1])


def _institution(slug: str) -> "Institution":
    ours = institution(slug)
    if ours is None:
        raise Http404
    return ours


def _issued(slug: str, number: int) -> "tuple[Institution, Statement]":
    ours = _institution(slug)
    paper = queries.issued(ours.pk, number) if number < 2**31 else None
    if paper is None:
        raise Http404
    return ours, paper
