"""The exchange's side of one application, with its buttons."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.institutions import actions, tracking
from connect_portal.institutions.errors import (
    AlreadyDecided,
    AlreadyProposed,
    NoSuchMove,
    NotYours,
    Overtaken,
    OwnProposal,
)
from connect_portal.institutions.forms.decision import DecisionForm
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_TOO_LATE = (NoSuchMove, AlreadyProposed, AlreadyDecided, Overtaken)
_NOT_THEIRS = (NotYours, OwnProposal)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def application(request: HttpRequest, application_id: int) -> HttpResponse:
    """One application: what was filled in, its history, and what this person may do now."""
    found = tracking.application(application_id)
    if found is None:
        raise Http404
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person, found, DecisionForm(), 200)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, person, found, form, 422)
    try:
        _decide(form, person, found)
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.text)
        fresh = tracking.application(application_id) or found
        return _page(request, person, fresh, form, _status_of(refusal))
    messages.success(request, "Done, and noted in the history.")
    return redirect("institutions_console:application", application_id)


def _decide(form: DecisionForm, person: "Person", found: Application) -> None:
    """Do what the button says."""
    verb, about = form.verb
    note = form.cleaned_data["note"]
    if verb in ("confirm", "decline"):
        if not found.proposals.filter(pk=int(about) if about.isdecimal() else 0).exists():
            raise Overtaken()
        decide = actions.confirm if verb == "confirm" else actions.decline
        decide(int(about), person=person, actor=person.actor, note=note)
    elif about not in Event.values:
        raise Overtaken()
    elif verb == "propose":
        reason = form.cleaned_data["reason"]
        why = {"note": note, "reason": reason}
        actions.propose(found.pk, Event(about), person=person, actor=person.actor, **why)
    else:
        actions.move(found.pk, Event(about), person=person, actor=person.actor, note=note)


def _status_of(refusal: Refusal) -> int:
    """409 for whoever came second, 403 for whoever may not, 422 for what can be mended."""
    if isinstance(refusal, _TOO_LATE):
        return 409
    return 403 if isinstance(refusal, _NOT_THEIRS) else 422


def _page(
    request: HttpRequest, person: "Person", found: Application, form: DecisionForm, status: int
) -> HttpResponse:
    tracker = tracking.tracker(found, business_now())
    proposal = tracker.proposal
    choices = tracking.choices(person, found, proposal)
    context = {
        "application": found,
        "tracker": tracker,
        "form": form,
        "choices": choices,
        "may_reject": any(choice.value == f"propose:{Event.REJECT}" for choice in choices),
        "own_proposal": proposal is not None and proposal.proposed_by_id == person.pk,
    }
    return render(request, "institutions/console/application.html", context, status=status)
