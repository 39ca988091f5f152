"""The exchange's side of a contract: choose its terms, read what was signed, countersign it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions import actions, contracts, papers, tracking
from connect_portal.institutions.errors import NoSuchTerms, NotYours, TermsChanged
from connect_portal.institutions.forms.papers import CountersignatureForm, TermsForm
from connect_portal.institutions.models import Application, Institution, Proposal
from connect_portal.institutions.moves import Event
from connect_portal.institutions.pdf.reading import blocks
from connect_portal.institutions.rules import may_begin, way_of
from connect_portal.institutions.views.contracts import as_file, proof_of
from connect_portal.kit.errors import Refusal
from connect_portal.people.fresh import ask_for_proof, missing_proof
from connect_portal.people.rules import person_of
from connect_portal.terms.queries import versions_on_offer
from connect_portal.venue.business_clock import business_now


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contract(request: HttpRequest, application_id: int) -> HttpResponse:
    """The contract of an application's institution: proposed on terms, sent, countersigned."""
    found = tracking.application(application_id)
    if found is None or found.institution_id is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found, CountersignatureForm(), 200)
    if "plan_version" in request.POST:
        return _propose(request, found)
    form = CountersignatureForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, 422)
    if _may(request, found, Event.COUNTERSIGN) and (page := missing_proof(request)):
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


def _propose(request: HttpRequest, found: Application) -> HttpResponse:
    """An account manager proposes the contract on these terms."""
    form, person = TermsForm(request.POST, plans=_plans()), person_of(request)
    if not form.is_valid():
        return _page(request, found, form, 422)
    if "do" in request.POST:  # only to see the text on these terms
        return _page(request, found, form, 200)
    asked = {"note": form.cleaned_data["note"], "terms": form.terms}
    try:
        actions.propose(found.pk, Event.SEND_CONTRACT, person=person, actor=person.actor, **asked)
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.text)
        return _page(request, found, form, 403 if isinstance(refusal, NotYours) else 409)
    messages.success(request, "Proposed: finance confirms exactly this text.")
    return redirect("institutions_console:contract", found.pk)


def _may(request: HttpRequest, application: Application, event: Event) -> bool:
    way = way_of(event, application.step)
    return way is not None and may_begin(person_of(request), application, way)


def _plans() -> dict[int, str]:
    rows = versions_on_offer(business_now())
    return {row.pk: f"{row.plan.name}, version {row.number}" for row in rows}


def _page(
    request: HttpRequest,
    found: Application,
    form: CountersignatureForm | TermsForm,
    status: int,
) -> HttpResponse:
    assert found.institution_id is not None  # asked for above
    proposal = tracking.tracker(found, business_now()).proposal
    context = {
        "application": found,
        "reading": papers.reading(found.institution_id),
        "earlier": papers.declined(found.institution_id),
        "form": form,
        "may_countersign": _may(request, found, Event.COUNTERSIGN),
        "proposal": proposal if proposal and proposal.event == Event.SEND_CONTRACT else None,
        **_to_be_sent(request, found, form, proposal),
    }
    return render(request, "institutions/console/contract.html", context, status=status)


def _to_be_sent(
    request: HttpRequest,
    found: Application,
    form: CountersignatureForm | TermsForm,
    proposal: Proposal | None,
) -> dict[str, Any]:
    """The text that is proposed, or would be; the form with its terms for who may propose it."""
    institution = found.institution
    if way_of(Event.SEND_CONTRACT, found.step) is None or institution is None:
        return {}
    if proposal is not None:
        return _preview(institution, proposal.terms)
    usual = contracts.offer(institution, business_now()).terms
    if not isinstance(form, TermsForm):
        form = TermsForm(initial=usual, plans=_plans())
    terms = form.terms if form.is_bound and form.is_valid() else {}
    offered = _may(request, found, Event.SEND_CONTRACT)
    return _preview(institution, terms) | ({"terms_form": form} if offered else {})


def _preview(institution: Institution, terms: dict[str, Any]) -> dict[str, Any]:
    try:
        offer = contracts.proposed(institution, terms, business_now())
    except (NoSuchTerms, TermsChanged) as refusal:
        return {"trouble": refusal.text}
    return {"preview": blocks(offer.text), "sha256": offer.sha256, "level": offer.level}
