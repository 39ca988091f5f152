"""Applying to join: the beginning, and the tracker of what became of it."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.facts import document_kinds
from connect_portal.institutions import actions, tracking
from connect_portal.institutions.actions.applying import EDITABLE
from connect_portal.institutions.enums import Step
from connect_portal.institutions.errors import AlreadyOpen
from connect_portal.institutions.filling import asked_of, page_of
from connect_portal.institutions.forms.application import BeginForm
from connect_portal.institutions.moves import Event
from connect_portal.institutions.rules import way_of
from connect_portal.institutions.views.user.page import first_page, least_share, opened, own
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
        return first_page(request, person, needs)
    standing.came_back(request)
    if request.method == "POST":
        return _begin(request, person)
    newest = tracking.applications_of(person).first()
    if newest is not None and "another" not in request.GET:
        if newest.step == Step.DRAFT:
            return redirect("institutions_user:change", newest.pk)
        return redirect("institutions_user:status")
    return _begin_page(request, BeginForm(), 200)


def _begin(request: HttpRequest, person: "Person") -> HttpResponse:
    """Begin a draft, or go on with the one of that company, as after a second press."""
    form = BeginForm(request.POST)
    if form.is_valid():
        contact = {"contact_name": person.name, "contact_email": person.email}
        try:
            draft = actions.save_draft(person, form.cleaned_data | contact)
        except AlreadyOpen as refusal:
            messages.info(request, refusal.text)
            draft = tracking.open_application(person, form.cleaned_data["company"])
        return redirect("institutions_user:change", draft.pk)
    return _begin_page(request, form, 422)


def _begin_page(request: HttpRequest, form: BeginForm, status: int) -> HttpResponse:
    context = {"form": form, "asked": document_kinds().values(), "least": least_share()}
    return render(request, "institutions/user/begin.html", context, status=status)


@never_cache
@require_safe
def change(request: HttpRequest, application_id: int) -> HttpResponse:
    """Go on with a draft, or answer what was asked: to the first section with something open."""
    filled, answer = opened(request, application_id)
    return answer or redirect(page_of(filled.first_open(), application_id))


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
        "asked": asked_of(shown),
        "may_change": shown.step in EDITABLE,
        "may_withdraw": way_of(Event.WITHDRAW, shown.step) is not None,
    }
    return render(request, "institutions/user/status.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, application_id: int) -> HttpResponse:
    """Ask once more, then withdraw an application."""
    person = person_of(request)
    application = own(person, application_id)
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
