"""What every page of the form has: whose it is, whether it may be changed, its frame."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from connect_portal.institutions import tracking
from connect_portal.institutions.actions.applying import EDITABLE
from connect_portal.institutions.filling import Filling, filling
from connect_portal.institutions.forms.application import FORMS
from connect_portal.institutions.models import Application
from connect_portal.institutions.sections import Section
from connect_portal.people import standing
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


def own(person: "Person", application_id: int) -> Application:
    """A person's own application; 404 for anybody else's."""
    application = tracking.applications_of(person).filter(pk=application_id).first()
    if application is None:
        raise Http404
    return application


def opened(request: HttpRequest, application_id: int) -> tuple[Filling, HttpResponse | None]:
    """The application to be filled in, and where to go instead if it cannot be now."""
    person = person_of(request)
    application = own(person, application_id)
    filled = filling(application, business_now().date())
    if application.step not in EDITABLE:
        messages.info(request, "This application is handed in and cannot be changed now.")
        return filled, redirect(f"/apply/status/?application={application.pk}")
    if request.method != "POST" and (needs := standing.needs_of(person)):
        return filled, first_page(request, person, needs)
    standing.came_back(request)
    return filled, None


def first_page(request: HttpRequest, person: "Person", needs: list[standing.Need]) -> HttpResponse:
    """What the person has to do before they can apply, and the way back from there to here."""
    standing.set_out(request)
    context = {
        "address": person.email,
        "lacks_email": standing.Need.EMAIL in needs,
        "lacks_factor": standing.Need.FACTOR in needs,
    }
    return render(request, "institutions/user/first.html", context)


def form_page(
    request: HttpRequest,
    filled: Filling,
    section: Section,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page of the form in its frame."""
    frame = {
        "filled": filled,
        "application": filled.application,
        "section": section,
        "tabs": filled.tabs(section),
        "least": least_share(),
        "following": following(section),
    }
    name = "fields" if section in FORMS and section != Section.TECHNICAL else section.value
    template = f"institutions/user/form/{name}.html"
    return render(request, template, frame | context, status=status)


def following(section: Section) -> Section | None:
    """The section after this one."""
    order = list(Section)
    place = order.index(section) + 1
    return order[place] if place < len(order) else None


def least_share() -> int:
    """The percentage from which somebody is a beneficial owner here."""
    return int(settings.OWNER_SHARE_PERCENT)
