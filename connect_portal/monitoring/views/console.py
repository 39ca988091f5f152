"""How the reading of venue accounts goes, and the fills that onboarding rests on."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions.errors import NoSuchMove, NotYours
from connect_portal.institutions.rules import may_begin
from connect_portal.institutions.tracking import application
from connect_portal.kit.errors import Refusal
from connect_portal.monitoring import actions, queries
from connect_portal.monitoring.observing import observation
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now


@never_cache
@require_safe
def sync(request: HttpRequest) -> HttpResponse:
    """How the reading of venue accounts goes."""
    return render(request, "monitoring/console/sync.html", {"accounts": queries.sync_health()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, application_id: int) -> HttpResponse:
    """The fills on which test trading, and later the whole onboarding, is found passed."""
    found = application(application_id)
    if found is None or found.institution_id is None:
        raise Http404
    person = person_of(request)
    proof = queries.proof(found)
    refusal: Refusal | None = None
    if request.method == "POST":
        event = proof.way.event if proof.way else queries.FIRST_PROOF
        try:
            actions.prove(found, event, person=person)
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, f"{event.label}: done, and noted in the history.")
            return redirect("institutions_console:application", application_id)
    may = proof.way is not None and may_begin(person, found, proof.way)
    context = {
        "application": found,
        "proof": proof,
        "may": may,
        "refusal": refusal,
        "observation": observation(found, business_now()),
    }
    status = _status_of(refusal) if refusal else 200
    return render(request, "monitoring/console/evidence.html", context, status=status)


def _status_of(refusal: Refusal) -> int:
    match refusal:
        case NoSuchMove():
            return 409
        case NotYours():
            return 403
    return 422
