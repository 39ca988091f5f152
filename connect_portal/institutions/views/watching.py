"""Watch lists in the console: the versions, uploading one, and deciding about one."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.institutions import actions, watch_lists
from connect_portal.institutions.errors import NotYourPart
from connect_portal.institutions.forms.watching import WatchListForm
from connect_portal.institutions.models import WatchList
from connect_portal.institutions.review_errors import ListDecided, ListWaits, OwnList
from connect_portal.institutions.rules import may_decide_list, may_upload_list
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_PAGE = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_lists_page(request: HttpRequest) -> HttpResponse:
    """Every version that was uploaded, and a form for the next."""
    person = person_of(request)
    if request.method != "POST":
        return _lists(request, person, WatchListForm(), 200)
    form = WatchListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _lists(request, person, form, 422)
    file = form.cleaned_data["file"]
    try:
        row = actions.upload_list(
            file.read(), file_name=file.name, person=person, actor=person.actor
        )
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.text)
        return _lists(request, person, form, _status_of(refusal))
    messages.success(request, "The list is uploaded. A second person has to approve it.")
    return redirect("institutions_console:watch_list", row.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_list(request: HttpRequest, list_id: int) -> HttpResponse:
    """One version: what it changes, its lines, and the decision."""
    found = watch_lists.watch_list(list_id)
    if found is None:
        raise Http404
    person = person_of(request)
    if request.method != "POST":
        return _list(request, person, found, "", 200)
    approving = request.POST.get("then") == "approve"
    decide = actions.approve_list if approving else actions.decline_list
    try:
        decide(found.pk, person=person, actor=person.actor)
    except Refusal as refusal:
        fresh = watch_lists.watch_list(list_id) or found
        return _list(request, person, fresh, refusal.text, _status_of(refusal))
    words = "in force: everybody is compared with it now" if approving else "declined"
    messages.success(request, f"The list is {words}.")
    return redirect("institutions_console:watch_list", found.pk)


def _status_of(refusal: Refusal) -> int:
    if isinstance(refusal, ListDecided | ListWaits):
        return 409
    return 403 if isinstance(refusal, NotYourPart | OwnList) else 422


def _lists(
    request: HttpRequest, person: "Person", form: WatchListForm, status: int
) -> HttpResponse:
    page = Paginator(watch_lists.watch_lists(), _PAGE).get_page(request.GET.get("page"))
    in_force = watch_lists.in_force()
    context = {
        "page": page,
        "in_force": in_force,
        "form": form if may_upload_list(person) else None,
    }
    return render(request, "institutions/console/watch_lists.html", context, status=status)


def _list(
    request: HttpRequest, person: "Person", found: WatchList, refusal: str, status: int
) -> HttpResponse:
    entries = Paginator(found.entries.all(), _PAGE).get_page(request.GET.get("page"))
    context = {
        "list": found,
        "in_force": watch_lists.in_force(),
        "entries": entries,
        "difference": watch_lists.difference(found),
        "refusal": refusal,
        "may_decide": may_decide_list(person),
        "is_own": found.uploaded_by_id == person.pk,
    }
    return render(request, "institutions/console/watch_list.html", context, status=status)
