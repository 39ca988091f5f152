"""Editions on the console: all there are, one thing with its history, a proposal, a decision."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions import actions, editing
from connect_portal.institutions.editions import PLACEHOLDERS, SHIPPED, InForce, in_force, titles
from connect_portal.institutions.enums import EditionKind, EditionState
from connect_portal.institutions.errors import (
    EditionDecided,
    EditionNotYours,
    EditionOwn,
    EditionProposed,
)
from connect_portal.institutions.forms.editions import (
    EditionDecisionForm,
    ProposalForm,
    WordsForm,
    level_rows,
)
from connect_portal.institutions.models import Edition
from connect_portal.institutions.rules import (
    EDITION_HANDS,
    may_approve_edition,
    may_propose_edition,
)
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now

_TOO_LATE = (EditionDecided, EditionProposed)
_NOT_THEIRS = (EditionNotYours, EditionOwn)
_DECIDE: Final = {
    "approve": actions.approve_edition,
    "decline": actions.decline_edition,
    "withdraw": actions.withdraw_edition,
}


@never_cache
@require_safe
def editions(request: HttpRequest) -> HttpResponse:
    """Everything that has editions: what holds, what waits, what is to come."""
    shelves = editing.shelves(business_now())
    waiting = [row for _, rows in shelves for row in rows if row.waiting]
    context = {"shelves": shelves, "waiting": waiting}
    return render(request, "institutions/console/editions.html", context)


@never_cache
@require_safe
def history(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """One thing: the edition in force as it is met, and all there were."""
    at = business_now()
    context = _thing(request, kind, name)
    holding = in_force(context["kind"], name, at)
    context |= {
        "holding": holding,
        "preview": editing.preview(context["kind"], name, holding.body, at),
        "editions": editing.history(context["kind"], name),
        "now": at,
    }
    return render(request, "institutions/console/edition_history.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edition(request: HttpRequest, kind: str, name: str, number: int) -> HttpResponse:
    """One edition: what it changes, how it is met, and the buttons of whoever decides."""
    context = _thing(request, kind, name)
    row = editing.edition(context["kind"], name, number)
    if row is None and number != SHIPPED:
        raise Http404
    if row is None or request.method != "POST":
        return _edition_page(request, context, row, EditionDecisionForm(), 200)
    form, status = EditionDecisionForm(request.POST), 422
    if form.is_valid():
        decide = _DECIDE[form.cleaned_data["choice"]]
        try:
            decide(row.pk, person=person_of(request), note=form.cleaned_data["note"])
        except Refusal as refusal:
            form.add_error("note" if refusal.field == "note" else None, refusal.text)
            status = _status_of(refusal)
            row = editing.edition(context["kind"], name, number)
        else:
            messages.success(request, "Done, and noted in the trail.")
            return redirect("institutions_console:edition", kind, name, number)
    return _edition_page(request, context, row, form, status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose_edition(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Write a new edition; what was typed stays, whatever is wrong with it."""
    context = _thing(request, kind, name)
    holding = in_force(context["kind"], name, business_now())
    form, rows = _forms(request, holding)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid() and (rows is None or rows.is_valid()):
            try:
                row = _propose(request, holding, form, rows)
            except Refusal as refusal:
                form.add_error(
                    refusal.field if refusal.field in form.fields else None, refusal.text
                )
                status = _status_of(refusal)
            else:
                messages.success(request, f"Proposed. It waits for {context['checker']}.")
                return redirect("institutions_console:edition", kind, name, row.number)
    context |= {"form": form, "rows": rows, "placeholders": PLACEHOLDERS[holding.kind]}
    return render(request, "institutions/console/edition_new.html", context, status=status)


def _thing(request: HttpRequest, kind: str, name: str) -> dict[str, Any]:
    """What every page about one thing shows of it; Http404 for what has no editions."""
    if kind not in EditionKind.values or name not in titles(EditionKind(kind)):
        raise Http404
    found = EditionKind(kind)
    proposer, checker = EDITION_HANDS[found]
    return {
        "kind": found,
        "name": name,
        "title": titles(found)[name],
        "proposer": proposer.label,
        "checker": checker.label,
        "may_propose": may_propose_edition(person_of(request), found),
    }


def _forms(request: HttpRequest, holding: InForce) -> tuple[ProposalForm, Any]:
    data = request.POST if request.method == "POST" else None
    if holding.kind == EditionKind.PLAN:
        return ProposalForm(data), level_rows(holding.body, data)
    return WordsForm(data, kind=holding.kind, initial={"body": holding.body}), None


def _propose(request: HttpRequest, holding: InForce, form: ProposalForm, rows: Any) -> Edition:
    return actions.propose_edition(
        holding.kind,
        holding.name,
        body=form.cleaned_data["body"] if rows is None else rows.body,
        note=form.cleaned_data["note"],
        effective_from=form.cleaned_data["effective_from"],
        person=person_of(request),
    )


def _edition_page(
    request: HttpRequest,
    context: dict[str, Any],
    row: Edition | None,
    form: EditionDecisionForm,
    status: int,
) -> HttpResponse:
    at, kind, name = business_now(), context["kind"], context["name"]
    person = person_of(request)
    body = row.body if row else editing.as_shipped(kind, name).body
    compared = editing.before(row, at) if row else None
    is_open = row is not None and row.state == EditionState.PROPOSED
    context |= {
        "edition": row,
        "compared": compared,
        "changes": editing.changes(compared.body, body) if compared else [],
        "preview": editing.preview(kind, name, body, at),
        "form": form,
        "may_decide": is_open and row is not None and may_approve_edition(person, row),
        "may_withdraw": is_open and row is not None and row.proposed_by_id == person.pk,
        "now": at,
    }
    return render(request, "institutions/console/edition.html", context, status=status)


def _status_of(refusal: Refusal) -> int:
    """409 for whoever came second, 403 for whoever may not, 422 for what can be mended."""
    if isinstance(refusal, _TOO_LATE):
        return 409
    return 403 if isinstance(refusal, _NOT_THEIRS) else 422
