"""Applying to join: the form, and the tracker of what became of it."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions import actions, tracking
from connect_portal.institutions.actions.applying import EDITABLE
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import AlreadyOpen, NoSuchMove
from connect_portal.institutions.forms.application import ApplicationForm, typed
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event
from connect_portal.institutions.rules import way_of
from connect_portal.kit.errors import Refusal
from connect_portal.people import standing
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Begin an application; whoever is at one already goes on there, unless for ``?another=1``."""
    person = person_of(request)
    if needs := standing.needs_of(person):
        return _first(request, person, needs)
    standing.came_back(request)
    if request.method == "POST":
        return _keep(request, person, None)
    newest = tracking.applications_of(person).first()
    if newest is not None and "another" not in request.GET:
        if newest.step == Step.DRAFT:
            return redirect("institutions_user:change", newest.pk)
        return redirect("institutions_user:status")
    initial = {"contact_name": person.name, "contact_email": person.email}
    return _form_page(request, ApplicationForm(initial=initial, submitting=True), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, application_id: int) -> HttpResponse:
    """Go on with a draft, or answer a question about an application."""
    person = person_of(request)
    application = _own(person, application_id)
    if application.step not in EDITABLE:
        messages.info(request, "This application is handed in and cannot be changed now.")
        return redirect(f"/apply/status/?application={application.pk}")
    if request.method != "POST" and (needs := standing.needs_of(person)):
        return _first(request, person, needs)
    standing.came_back(request)
    if request.method == "POST":
        return _keep(request, person, application)
    return _form_page(
        request, ApplicationForm(initial=typed(application), submitting=True), application
    )


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Where an application stands: every step, who has it, the clock, what to do next."""
    person = person_of(request)
    mine = list(tracking.applications_of(person))
    if not mine:
        return redirect("institutions_user:apply")
    wanted = request.GET.get("application", "")
    shown = next((row for row in mine if str(row.pk) == wanted), None if wanted else mine[0])
    if shown is None:
        raise Http404
    context = {
        "tracker": tracking.tracker(shown, business_now()),
        "others": [row for row in mine if row != shown],
        "may_change": shown.step in EDITABLE,
        "may_withdraw": way_of(Event.WITHDRAW, shown.step) is not None,
    }
    return render(request, "institutions/user/status.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, application_id: int) -> HttpResponse:
    """Ask once more, then withdraw an application."""
    person = person_of(request)
    application = _own(person, application_id)
    open_to_it = way_of(Event.WITHDRAW, application.step) is not None
    if request.method != "POST" and open_to_it:
        return render(request, "institutions/user/withdraw.html", {"application": application})
    try:
        actions.move(application.pk, Event.WITHDRAW, person=person, actor=person.actor)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"The application of {application.company} is withdrawn.")
    return redirect("institutions_user:status")


def _first(request: HttpRequest, person: "Person", needs: list[standing.Need]) -> HttpResponse:
    """What the person has to do before they can apply, and the way back from there to here."""
    standing.set_out(request)
    context = {
        "address": person.email,
        "lacks_email": standing.Need.EMAIL in needs,
        "lacks_factor": standing.Need.FACTOR in needs,
    }
    return render(request, "institutions/user/first.html", context)


def _keep(request: HttpRequest, person: "Person", application: Application | None) -> HttpResponse:
    """Save a draft or submit, whichever button was pressed; a refusal keeps all that was typed."""
    submitting = request.POST.get("then") != "save"
    form = ApplicationForm(request.POST, submitting=submitting)
    if form.is_valid():
        verb = actions.submit if submitting else actions.save_draft
        at = application.pk if application else None
        try:
            kept = verb(person, form.columns, application_id=at)
        except NoSuchMove:
            return redirect("institutions_user:status")  # it was handed in a moment ago
        except Refusal as refusal:
            if isinstance(refusal, AlreadyOpen) and _is_handed_in(person, form):
                return redirect("institutions_user:status")
            form.say(refusal)
        else:
            return _kept(request, kept, submitting)
    return _form_page(request, form, application, status=422)


def _kept(request: HttpRequest, application: Application, submitting: bool) -> HttpResponse:
    if submitting:
        messages.success(request, "Your application is submitted. Follow it here.")
        return redirect("institutions_user:status")
    messages.success(request, "Your draft is saved.")
    return redirect("institutions_user:change", application.pk)


def _is_handed_in(person: "Person", form: ApplicationForm) -> bool:
    """Whether the same form was submitted before, as by a second press of the button."""
    mine = tracking.applications_of(person).filter(company__iexact=form.cleaned_data["company"])
    return mine.exclude(step=Step.DRAFT).exists()


def _own(person: "Person", application_id: int) -> Application:
    application = tracking.applications_of(person).filter(pk=application_id).first()
    if application is None:
        raise Http404
    return application


def _form_page(
    request: HttpRequest,
    form: ApplicationForm,
    application: Application | None,
    *,
    status: int = 200,
) -> HttpResponse:
    question = ""
    if application is not None and application.step == Step.INFO_REQUESTED:
        question = application.moves.latest("pk").note
    context = {"form": form, "application": application, "question": question}
    return render(request, "institutions/user/apply.html", context, status=status)
