"""The exchange's side of one application: the page on which it is reviewed and decided."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.institutions import actions, tracking
from connect_portal.institutions.casefile import casefile
from connect_portal.institutions.errors import (
    AlreadyDecided,
    AlreadyProposed,
    NoSuchMove,
    NotNow,
    NotYourPart,
    NotYours,
    Overtaken,
    OwnProposal,
)
from connect_portal.institutions.forms.decision import DecisionForm
from connect_portal.institutions.forms.review import ReviewForm
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event
from connect_portal.institutions.reminders import reminders_of
from connect_portal.institutions.review_errors import (
    AlreadyAsked,
    AlreadyTicked,
    AnswersChanged,
    FindingOver,
    NotTicked,
    RequestOver,
)
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_TOO_LATE: Final = (
    NoSuchMove,
    AlreadyProposed,
    AlreadyDecided,
    Overtaken,
    AlreadyAsked,
    AlreadyTicked,
    AnswersChanged,
    FindingOver,
    NotNow,
    NotTicked,
    RequestOver,
)
_NOT_THEIRS: Final = (NotYours, OwnProposal, NotYourPart)
_DONE: Final = {
    "ask": ("Kept. The applicant reads it once information is requested.", "answers"),
    "withdraw": ("Done: the request is withdrawn.", "answers"),
    "clear": ("Done: the finding is cleared.", "findings"),
    "tick": ("Done: ticked.", "checklist"),
    "take_back": ("Done: the tick is taken back.", "checklist"),
    "note": ("Done: the note is kept among the staff.", "notes"),
}
"""What is said after each verb, and where the page goes on."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was refused: the verb and its subject, what was typed, and why."""

    verb: str = ""
    about: str = ""
    note: str = ""
    text: str = ""

    @property
    def place(self) -> str:
        """The form that it was said to."""
        return f"{self.verb}:{self.about}"


NOTHING_SAID: Final = Said()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def application(request: HttpRequest, application_id: int) -> HttpResponse:
    """One application: what was filled in, found, asked and ticked, and what may be done now."""
    found = tracking.application(application_id)
    if found is None:
        raise Http404
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person, found, DecisionForm(), 200)
    if "do" in request.POST:
        return _review(request, person, found)
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


def _review(request: HttpRequest, person: "Person", found: Application) -> HttpResponse:
    """One of the small forms of the page was sent; a refusal keeps what was typed."""
    form = ReviewForm(request.POST)
    if not form.is_valid():
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
        typed = {name: str(request.POST.get(name, "")) for name in ("about", "note")}
        said = Said(str(request.POST["do"]), **typed, text=words)
        return _page(request, person, found, DecisionForm(), 422, said)
    sent = form.cleaned_data
    try:
        _act(form, person, found)
    except Refusal as refusal:
        said = Said(sent["do"], sent["about"], sent["note"], refusal.text)
        fresh = tracking.application(found.pk) or found
        return _page(request, person, fresh, DecisionForm(), _status_of(refusal), said)
    words, place = _DONE[sent["do"]]
    messages.success(request, words)
    return redirect(f"{reverse('institutions_console:application', args=[found.pk])}#{place}")


def _act(form: ReviewForm, person: "Person", found: Application) -> None:
    """Do what a small form says, about this application's rows only."""
    about, note = form.cleaned_data["about"], form.cleaned_data["note"]
    who: dict[str, Any] = {"person": person, "actor": person.actor}
    try:
        match form.cleaned_data["do"]:
            case "ask":
                actions.ask_change(found.pk, about, note=note, **who)
            case "withdraw":
                actions.withdraw_request(found.requests.get(pk=form.number).pk, **who)
            case "clear":
                finding = found.findings.get(pk=form.number)
                actions.clear_finding(finding.pk, reason=note, **who)
            case "tick":
                actions.tick(found.pk, about, seen=form.cleaned_data["seen"], **who)
            case "take_back":
                actions.take_back(found.pk, about, **who)
            case "note":
                actions.write_note(found.pk, text=note, **who)
    except ObjectDoesNotExist as error:
        raise Http404 from error


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
    request: HttpRequest,
    person: "Person",
    found: Application,
    form: DecisionForm,
    status: int,
    said: Said = NOTHING_SAID,
) -> HttpResponse:
    tracker = tracking.tracker(found, business_now())
    proposal = tracker.proposal
    choices = tracking.choices(person, found, proposal)
    context = {
        "application": found,
        "tracker": tracker,
        "case": casefile(found, person),
        "reminders": reminders_of(found.pk),
        "form": form,
        "said": said,
        "choices": choices,
        "may_reject": any(choice.value == f"propose:{Event.REJECT}" for choice in choices),
        "own_proposal": proposal is not None and proposal.proposed_by_id == person.pk,
    }
    return render(request, "institutions/console/application.html", context, status=status)
