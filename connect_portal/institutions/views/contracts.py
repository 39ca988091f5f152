"""The institution's contract: read it, sign it with a second factor, keep its files."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions import actions, papers, queries, tracking
from connect_portal.institutions.forms.papers import SignatureForm
from connect_portal.institutions.signing import Proof, signatory_for
from connect_portal.kit.callers import caller
from connect_portal.kit.errors import Refusal
from connect_portal.people import standing
from connect_portal.people.fresh import ask_for_proof, factor_shown, kept_form, missing_proof
from connect_portal.people.queries import team_of
from connect_portal.people.rules import owns, person_of, sees_papers
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution, Paper
    from connect_portal.institutions.papers import Reading
    from connect_portal.people.models import Person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contract(request: HttpRequest, slug: str) -> HttpResponse:
    """Read the contract that was sent, and sign it by typing one's name."""
    ours = _institution(slug)
    form = SignatureForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or tracking.application_of(ours.pk) is None:
        return _page(request, ours, SignatureForm(initial=_kept(request)), 200)
    if not form.is_valid():
        return _page(request, ours, form, 422)
    person = person_of(request)
    if owns(person, ours) and not standing.needs_of(person) and (page := missing_proof(request)):
        return ask_for_proof(request, page)
    try:
        actions.sign(ours.pk, person=person, **form.cleaned_data, proof=proof_of(request))
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.text)
        return _page(request, ours, form, 409 if owns(person, ours) else 403)
    messages.success(request, "Signed. We countersign it next.")
    return redirect("institutions_institution:contract", slug)


@never_cache
@require_safe
def paper(request: HttpRequest, slug: str, paper_id: int) -> HttpResponse:
    """A contract as a file, for owners and finance."""
    ours = _institution(slug)
    found = papers.paper_of(ours.pk, paper_id)
    if found is None or not sees_papers(person_of(request), ours):
        raise Http404
    return as_file(found)


def proof_of(request: HttpRequest) -> Proof:
    """From where a signature comes, and by which second factor it is proved."""
    meta = request.META
    return Proof(
        ip=caller(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", "")),
        user_agent=meta.get("HTTP_USER_AGENT", ""),
        factor=factor_shown(request),
    )


def as_file(found: "Paper") -> HttpResponse:
    """A paper for the browser's own viewer, which runs nothing of it and keeps nothing."""
    name = f"contract-{found.contract_id}-{found.kind}.pdf"
    return HttpResponse(
        bytes(found.pdf),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _kept(request: HttpRequest) -> dict[str, str]:
    """The name as typed before somebody signed in afresh."""
    kept = kept_form(request)
    return {"name": kept.get("name", "")} if kept else {}


def _page(
    request: HttpRequest, ours: "Institution", form: SignatureForm, status: int
) -> HttpResponse:
    person, now = person_of(request), business_now()
    reading, others = papers.shelf(ours.pk, now)
    application = tracking.application_of(ours.pk)
    may_sign = _may_sign(person, ours, reading)
    needs = standing.needs_of(person) if may_sign else []
    if needs:
        standing.set_out(request)
    elif may_sign:
        standing.came_back(request)
    context = {
        "institution": ours,
        "reading": reading,
        "others": others,
        "tracker": tracking.tracker(application, now) if application else None,
        "form": form,
        "may_sign": may_sign,
        "needs": needs,
        "signers": _signers(ours),
        "is_owner": owns(person, ours),
        "may_keep": sees_papers(person, ours),
    }
    return render(request, "institutions/institution/contract.html", context, status=status)


def _may_sign(person: "Person", ours: "Institution", reading: "Reading | None") -> bool:
    application = tracking.application_of(ours.pk)
    waits = reading is not None and reading.contract.accepted_at is None
    if not waits or application is None or not owns(person, ours):
        return False
    return signatory_for(person, application.pk) is not None


def _signers(ours: "Institution") -> list[dict[str, object]]:
    """Who signs for the company, and whether they are an owner here already."""
    application = tracking.application_of(ours.pk)
    if application is None:
        return []
    owners = {place.person.email for place in team_of(ours.pk) if place.role == "owner"}
    named = queries.signatories_of(application.pk)
    return [{"who": one, "is_owner": one.email.lower() in owners} for one in named]


def _institution(slug: str) -> "Institution":
    ours = queries.institution(slug)
    if ours is None:
        raise Http404
    return ours
