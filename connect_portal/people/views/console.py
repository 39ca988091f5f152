"""Who works for the exchange: their roles, second factors and sessions, and who is invited."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.kit.errors import Refusal
from connect_portal.people import actions, queries
from connect_portal.people.forms import RowForm, StaffForm
from connect_portal.people.models import Person
from connect_portal.people.rules import administers, person_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who works here; an administrator proposes, a second person confirms."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person, StaffForm())
    if request.POST.get("do") == "propose":
        return _propose(request, person)
    verbs: dict[str, Callable[[int], object]] = {
        "confirm": lambda row: actions.confirm_staff(row, person=person),
        "withdraw": lambda row: actions.withdraw_staff(row, person=person),
    }
    return _press(request, verbs, redirect("people_console:staff"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def colleague(request: HttpRequest, person_id: int) -> HttpResponse:
    """One who works here: open sessions, to be ended one by one or all; and the end of the role."""
    person = person_of(request)
    shown = queries.staff().filter(pk=person_id).first()
    if shown is None:
        raise Http404
    if request.method == "POST":
        verbs: dict[str, Callable[[int], object]] = {
            "end": lambda row: actions.end_sessions(shown, [row], actor=person.actor),
            "end_all": lambda row: actions.end_sessions(shown, actor=person.actor),
            "take": lambda row: actions.take_staff_role(shown, person=person),
        }
        return _press(request, verbs, redirect("people_console:staff"))
    context = {
        "shown": shown,
        "sessions": queries.sessions_of(shown),
        "own_key": request.session.session_key,
        "may_take": administers(person) and shown.is_exchange_staff,
    }
    return render(request, "people/console/colleague.html", context)


def _propose(request: HttpRequest, person: Person) -> HttpResponse:
    form = StaffForm(request.POST)
    if form.is_valid():
        try:
            actions.propose_staff(**form.cleaned_data, person=person)
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            messages.success(request, "Proposed. A second person confirms it, then a letter goes.")
            return redirect("people_console:staff")
    return _page(request, person, form, status=422)


def _press(
    request: HttpRequest, verbs: dict[str, Callable[[int], object]], onward: HttpResponse
) -> HttpResponse:
    """Do what a button beside a row says."""
    form = RowForm(request.POST)
    if not form.is_valid() or form.cleaned_data["do"] not in verbs:
        raise Http404
    try:
        verbs[form.cleaned_data["do"]](form.cleaned_data["row"])
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, "Done.")
    return onward


def _page(
    request: HttpRequest, person: Person, form: StaffForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "staff": queries.staff(),
        "invitations": queries.staff_invitations(),
        "form": form,
        "person": person,
        "may_propose": administers(person),
    }
    return render(request, "people/console/staff.html", context, status=status)
