"""The institution's live page."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.institutions.queries import code_of, institution
from connect_portal.institutions.tracking import application_of, tracker
from connect_portal.monitoring import queries
from connect_portal.monitoring.live.words import chart_points
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution
    from connect_portal.institutions.tracking import Tracker


@never_cache
@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Fills as they happen, the last 24 hours in numbers, the last hour by minute."""
    ours = _institution(slug)
    tiles = queries.tiles(ours.pk)
    page = queries.page(ours.pk)
    currency = tiles.volume.currency
    points = queries.chart(ours.pk, currency)
    context = {
        "institution": ours,
        "code": code_of(ours.pk, settings.VENUE_NAME),
        "tiles": tiles,
        "page": page,
        "bars": points,
        "points": chart_points(points, currency),
        "tracker": _tracker(ours.pk),
    }
    return render(request, "monitoring/institution/live.html", context)


@never_cache
@require_safe
def fills(request: HttpRequest, slug: str) -> HttpResponse:
    """Older fills, a page at a time: ``?before=`` names the sequence number to go on from."""
    ours = _institution(slug)
    before = request.GET.get("before")
    if before is not None and not (before.isascii() and before.isdecimal() and len(before) < 19):
        template = "monitoring/institution/no_such_page.html"
        return render(request, template, {"institution": ours}, status=404)
    page = queries.page(ours.pk, before=int(before) if before else None)
    context = {"institution": ours, "page": page}
    return render(request, "monitoring/institution/fills.html", context)


def _tracker(institution_id: int) -> "Tracker | None":
    """The road still ahead of an institution that is not live; nothing for one that is."""
    application = application_of(institution_id)
    shown = tracker(application, business_now()) if application else None
    return None if shown is None or shown.is_live else shown


def _institution(slug: str) -> "Institution":
    ours = institution(slug)
    if ours is None:
        raise Http404
    return ours
