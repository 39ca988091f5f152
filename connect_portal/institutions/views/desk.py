"""The desk of the exchange's staff, and who looks after an application."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connect_portal.facts import countries
from connect_portal.institutions import desk as queries
from connect_portal.institutions.actions.assigning import hand_over, release, take
from connect_portal.institutions.actions.filters import forget_filter, save_filter
from connect_portal.institutions.desk import BANDS, HANDS, Counts, Queue, Wanted
from connect_portal.institutions.enums import BusinessKind, Channel, Step
from connect_portal.institutions.errors import OthersLookAfterIt, TakenMeanwhile
from connect_portal.institutions.forms.desk import (
    STAGES,
    DeskForm,
    HandOverForm,
    SaveFilterForm,
    TakeForm,
)
from connect_portal.institutions.models import Application
from connect_portal.institutions.rules import may_look_after
from connect_portal.institutions.tracking import application
from connect_portal.kit.errors import Refusal
from connect_portal.people.enums import StaffRole
from connect_portal.people.queries import holders
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that shows another part of the desk, and how many lie there."""

    label: str
    query: str
    is_current: bool
    number: int | None = None


@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What is under way, by the time left: mine, everybody's, or what waits for my role."""
    person, now = person_of(request), business_now()
    form = DeskForm(request.GET)
    wanted = form.wanted(person)
    numbers = queries.counts(wanted.queue, person, now)
    managers = list(holders(StaffRole.ACCOUNT_MANAGER))
    saved = queries.saved_filters(person)
    context = {
        "page": queries.page(wanted, person, now, after=form.after_key),
        "wanted": wanted,
        "counts": numbers,
        "queues": _queues(wanted, numbers),
        "stages": _stages(wanted, numbers),
        "bands": _bands(wanted, numbers),
        "saved": [Choice(row.name, row.query, row.query == wanted.query()) for row in saved],
        "forgettable": next((row for row in saved if row.query == wanted.query()), None),
        "filters": _filters(managers),
        "unknown": sorted(form.errors),
        "takes": person.staff_role == StaffRole.ACCOUNT_MANAGER,
        "late_query": wanted.query(late=not wanted.late),
        "unassigned_query": wanted.query(who=queries.NOBODY),
        "reset_query": Wanted(wanted.queue).query(),
    }
    status = 422 if form.errors else 200
    return render(request, "institutions/console/desk.html", context, status=status)


@require_POST
def take_one(request: HttpRequest) -> HttpResponse:
    """Take an application, and go on where one was."""
    person, form = person_of(request), TakeForm(request.POST)
    if not form.is_valid():
        raise Http404
    pk, seen = form.about
    try:
        taken = take(pk, person=person, seen=seen)
    except Application.DoesNotExist as error:
        raise Http404 from error
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"{taken.company} is on your desk now.")
    return _back(request)


@require_POST
def saved_filters(request: HttpRequest) -> HttpResponse:
    """Keep the view under a name, or forget one."""
    person = person_of(request)
    number = request.POST.get("forget", "")
    if number:
        if number.isascii() and number.isdecimal() and len(number) < 19:
            forget_filter(person, int(number))
        return _back(request)
    form = SaveFilterForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the view a name of 1 to 60 characters.")
        return _back(request)
    try:
        saved = save_filter(person, **form.cleaned_data)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"Kept as “{saved.name}”. Nobody but you sees it.")
    return _back(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def assignment(request: HttpRequest, application_id: int) -> HttpResponse:
    """Who looks after an application and who did; take it, hand it over, let it go."""
    found = application(application_id)
    if found is None:
        raise Http404
    person = person_of(request)
    colleagues = list(holders(StaffRole.ACCOUNT_MANAGER).exclude(pk=person.pk))
    hands_over = request.POST.get("act") == "hand_over"
    form = HandOverForm(request.POST if hands_over else None, colleagues=colleagues)
    refusal: Refusal | None = None
    if request.method == "POST" and (not hands_over or form.is_valid()):
        try:
            _act(request, found, person, form)
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, "Done, and noted in the history.")
            return redirect("institutions_console:assignment", application_id)
    fresh = application(application_id) or found
    context = {
        "application": fresh,
        "form": form,
        "refusal": refusal,
        "rows": queries.assignments(fresh),
        "is_mine": fresh.assignee_id == person.pk,
        "may": bool(fresh.waits_for) and may_look_after(person, fresh),
        "has_colleagues": bool(colleagues),
    }
    status = _status_of(refusal) if refusal else 422 if form.errors else 200
    return render(request, "institutions/console/assignment.html", context, status=status)


def _act(request: HttpRequest, found: Application, person: "Person", form: HandOverForm) -> None:
    match request.POST.get("act"):
        case "hand_over":
            to_id, note = int(form.cleaned_data["to"]), form.cleaned_data["note"]
            hand_over(found.pk, to_id=to_id, note=note, person=person)
        case "release":
            release(found.pk, person=person)
        case _:
            seen = request.POST.get("seen", "")
            known = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else 0
            take(found.pk, person=person, seen=known or None)


def _status_of(refusal: Refusal) -> int:
    if isinstance(refusal, TakenMeanwhile):
        return 409
    return 403 if isinstance(refusal, OthersLookAfterIt) else 422


def _back(request: HttpRequest) -> HttpResponse:
    """To the desk as it was; only a query comes along, never another address."""
    query = QueryDict(request.POST.get("query", "")[:1000]).urlencode()
    address = reverse("institutions_console:desk")
    return redirect(f"{address}?{query}" if query else address)


def _queues(wanted: Wanted, counts: Counts) -> list[Choice]:
    return [
        Choice(queue.label, Wanted(queue).query(), queue == wanted.queue, counts.queues[queue])
        for queue in Queue
    ]


def _stages(wanted: Wanted, counts: Counts) -> list[Choice]:
    """The stages at which something waits in the order of the road."""
    if wanted.queue == Queue.CONFIRM:
        return []
    return [
        Choice(
            step.label,
            wanted.query(stage="" if wanted.stage == step else step.value),
            wanted.stage == step,
            counts.stages[step],
        )
        for step in Step
        if step in counts.stages
    ]


def _bands(wanted: Wanted, counts: Counts) -> list[dict[str, Any]]:
    """How long ago what is in the queue was submitted, and came to its step."""
    ages = zip(BANDS, counts.ages, counts.stays, strict=True)
    return [
        {
            "label": band.label,
            "age": Choice(band.label, wanted.query(age=number), wanted.age == number, aged),
            "stay": Choice(band.label, wanted.query(stay=number), wanted.stay == number, stayed),
        }
        for number, (band, aged, stayed) in enumerate(ages)
    ]


def _filters(managers: list["Person"]) -> dict[str, Any]:
    """What each filter offers."""
    return {
        "stage": STAGES,
        "hand": HANDS,
        "who": [(queries.NOBODY, "nobody"), *((one.pk, str(one)) for one in managers)],
        "kind": BusinessKind.choices,
        "channel": Channel.choices,
        "country": list(countries().items()),
        "band": [(number, band.label) for number, band in enumerate(BANDS)],
    }
