"""The exchange's side of a contract: choose its terms, read what was signed, countersign it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions import actions, contracts, papers, tracking
from connect_portal.institutions.actions import renewing
from connect_portal.institutions.errors import NoSuchTerms, NotYours, TermsChanged
from connect_portal.institutions.forms.papers import CountersignatureForm, RenewalForm, TermsForm
from connect_portal.institutions.models import Application, Institution, Proposal, Renewal
from connect_portal.institutions.moves import Event, Way
from connect_portal.institutions.pdf.reading import blocks
from connect_portal.institutions.renewals import Stage, outlook
from connect_portal.institutions.rules import hands_of, may_begin, way_of
from connect_portal.institutions.tracking import Tracker
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
        return contract_page(request, found, CountersignatureForm(), 200)
    if "plan_version" in request.POST:
        return _propose(request, found)
    form = CountersignatureForm(request.POST)
    if not form.is_valid():
        return contract_page(request, found, form, 422)
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
        return contract_page(request, fresh, form, 403 if isinstance(refusal, NotYours) else 409)
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
        return contract_page(request, found, form, 422)
    if "do" in request.POST:  # only to see the text on these terms
        return contract_page(request, found, form, 200)
    asked = {"note": form.cleaned_data["note"], "terms": form.terms, "person": person}
    try:
        if way_of(Event.SEND_CONTRACT, found.step) is None:
            actions.propose_renewal(found.pk, **asked)
        else:
            actions.propose(found.pk, Event.SEND_CONTRACT, actor=person.actor, **asked)
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.text)
        return contract_page(request, found, form, 403 if isinstance(refusal, NotYours) else 409)
    messages.success(request, "Proposed: finance confirms exactly this text.")
    return redirect("institutions_console:contract", found.pk)


def _may(request: HttpRequest, application: Application, way: Way | None) -> bool:
    return way is not None and may_begin(person_of(request), application, way)


def _may_countersign(request: HttpRequest, application: Application) -> bool:
    """Whether a contract, the first or the next, waits for this person's signature."""
    assert application.institution_id is not None  # asked for above
    ahead = outlook(application.institution_id, business_now())
    if ahead.renews:
        signed = ahead.stage == Stage.SIGNED
        return signed and _may(request, application, renewing.way(Event.COUNTERSIGN))
    return _may(request, application, way_of(Event.COUNTERSIGN, application.step))


def _plans() -> dict[int, str]:
    rows = versions_on_offer(business_now())
    return {row.pk: f"{row.plan.name}, version {row.number}" for row in rows}


def contract_page(
    request: HttpRequest,
    found: Application,
    form: CountersignatureForm | TermsForm | RenewalForm,
    status: int,
) -> HttpResponse:
    """The page, with the form that was refused on it."""
    assert found.institution_id is not None  # asked for above
    tracker = tracking.tracker(found, business_now())
    reading, others = papers.shelf(found.institution_id, business_now())
    context = {
        "application": found,
        "tracker": tracker,
        "reading": reading,
        "others": others,
        "form": form,
        "may_countersign": _may_countersign(request, found),
        **_renewal(request, tracker, form),
        **_to_be_sent(request, tracker, form),
    }
    return render(request, "institutions/console/contract.html", context, status=status)


def _renewal(
    request: HttpRequest, tracker: Tracker, form: CountersignatureForm | TermsForm | RenewalForm
) -> dict[str, Any]:
    """What may be decided about a renewal, and the form for it."""
    found, proposal = tracker.application, tracker.ahead.proposal
    person, sending = person_of(request), renewing.way(Event.SEND_CONTRACT)
    declining = renewing.way(Event.DECLINE_CONTRACT)
    checks = sending.checked_by in hands_of(person, found)
    refuses = tracker.renewal == Stage.SIGNED and _may(request, found, declining)
    decision = form if isinstance(form, RenewalForm) else RenewalForm()
    decision.fields["note"].required = refuses
    return {
        "decision": decision,
        "may_decide": proposal is not None and checks and proposal.proposed_by_id != person.pk,
        "may_refuse": refuses,
    }


def _to_be_sent(
    request: HttpRequest, tracker: Tracker, form: CountersignatureForm | TermsForm | RenewalForm
) -> dict[str, Any]:
    """The text that is proposed, or would be; the form with its terms for who may propose it."""
    found = tracker.application
    way = way_of(Event.SEND_CONTRACT, found.step)
    proposal: Proposal | Renewal | None = tracker.proposal if way else tracker.ahead.proposal
    if way is None and tracker.renewal in (Stage.DUE, Stage.PROPOSED):
        way = renewing.way(Event.SEND_CONTRACT)
    if way is None or found.institution is None:
        return {}
    if proposal is not None:
        return {"proposal": proposal, **_preview(found.institution, proposal.terms)}
    usual = contracts.offer(found.institution, business_now()).terms
    if not isinstance(form, TermsForm):
        form = TermsForm(initial=usual, plans=_plans())
    terms = form.terms if form.is_bound and form.is_valid() else {}
    offered = _may(request, found, way)
    return _preview(found.institution, terms) | ({"terms_form": form} if offered else {})


def _preview(institution: Institution, terms: dict[str, Any]) -> dict[str, Any]:
    try:
        offer = contracts.proposed(institution, terms, business_now())
    except (NoSuchTerms, TermsChanged) as refusal:
        return {"trouble": refusal.text}
    return {"preview": blocks(offer.text), "sha256": offer.sha256, "level": offer.level}
