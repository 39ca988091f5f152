"""The console's list of institutions, and the page of one with its timeline."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.institutions import directory
from connect_portal.institutions.deciding import decision
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.forms.directory import DirectoryForm
from connect_portal.institutions.queries import institution
from connect_portal.monitoring.queries import with_figures
from connect_portal.monitoring.standing import standing
from connect_portal.monitoring.timeline import About, Key, read_key, timeline
from connect_portal.monitoring.words import ICONS, KINDS
from connect_portal.people.rules import person_of


@never_cache
@require_safe
def institutions(request: HttpRequest) -> HttpResponse:
    """Institutions by name or the newest first, with their last 24 hours."""
    form = DirectoryForm(request.GET)
    sought = form.sought()
    page = directory.page(sought, after=form.after_id)
    context = {
        "rows": with_figures(page.rows),
        "goes_on": page.goes_on,
        "sought": sought,
        "is_narrowed": sought != directory.Sought(order=sought.order),
        "query": form.query,
        "states": directory.STATES,
        "channels": Channel.choices,
        "orders": directory.Order.choices,
        "unknown": sorted(form.errors),
    }
    status = 422 if form.errors else 200
    return render(request, "monitoring/console/institutions.html", context, status=status)


@never_cache
@require_safe
def one_institution(request: HttpRequest, slug: str) -> HttpResponse:
    """One institution: how it stands, what may be decided, and everything that happened."""
    found = institution(slug)
    if found is None:
        raise Http404
    kind = request.GET.get("kind", "")
    before = _before(request)
    if kind and kind not in KINDS:
        raise Http404
    stands = standing(found)
    about = About(found, stands.application)
    told = timeline(about, kind=kind, before=before)
    context = {
        "institution": found,
        "standing": stands,
        "entries": [(entry, ICONS[entry.kind]) for entry in told.entries],
        "goes_on": told.goes_on,
        "is_later_page": before is not None,
        "kind": kind,
        "kinds": [(name, label) for name, (label, _) in KINDS.items()],
    }
    if stands.tracker is not None:
        context |= decision(person_of(request), stands.tracker)
    return render(request, "monitoring/console/institution.html", context)


def _before(request: HttpRequest) -> Key | None:
    text = request.GET.get("before")
    if text is None:
        return None
    if not text.isascii() or len(text) > 60:
        raise Http404
    try:
        return read_key(text)
    except ValueError as error:
        raise Http404 from error
