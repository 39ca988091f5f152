"""The exchange's side of a contract: read what was signed, countersign it, keep its files."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions import actions, papers, tracking
from connect_portal.institutions.errors import NotYours
from connect_portal.institutions.forms.papers import CountersignatureForm
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event
from connect_portal.institutions.rules import may_begin, way_of
from connect_portal.institutions.views.contracts import as_file, proof_of
from connect_portal.kit.errors import Refusal
from connect_portal.people.fresh import ask_for_proof, missing_proof
from connect_portal.people.rules import person_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contract(request: HttpRequest, application_id: int) -> HttpResponse:
    """The contract of an application's institution; compliance countersigns it here."""
    found = tracking.application(application_id)
    if found is None or found.institution_id is None:
        raise Http404
    form = CountersignatureForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, found, form, 200)
    if not form.is_valid():
        return _page(request, found, form, 422)
    if _may_countersign(request, found) and (page := missing_proof(request)):
        return ask_for_proof(request, page)
    try:
        actions.countersign(
            found.institution_id,
            person=person_of(request),
            sha256=form.cleaned_data["sha256"],
            proof=proof_of(request),
        )
    except Refusal as refusal:
        form.add_error(None, refusal.text)
        fresh = tracking.application(application_id) or found
        return _page(request, fresh, form, 403 if isinstance(refusal, NotYours) else 409)
    messages.success(request, "Countersigned: the contract is sealed and in force.")
    return redirect("institutions_console:application", application_id)


@never_cache
@require_safe
def paper(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Any contract as a file."""
    found = papers.paper(paper_id)
    if found is None:
        raise Http404
    return as_file(found)


def _may_countersign(request: HttpRequest, application: Application) -> bool:
    way = way_of(Event.COUNTERSIGN, application.step)
    return way is not None and may_begin(person_of(request), application, way)


def _page(
    request: HttpRequest, found: Application, form: CountersignatureForm, status: int
) -> HttpResponse:
    assert found.institution_id is not None  # asked for above
    context = {
        "application": found,
        "reading": papers.reading(found.institution_id),
        "earlier": papers.declined(found.institution_id),
        "form": form,
        "may_countersign": _may_countersign(request, found),
    }
    return render(request, "institutions/console/contract.html", context, status=status)
