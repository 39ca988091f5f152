"""The institution's live page."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.institutions.queries import code_of, institution
from connect_portal.monitoring import queries

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution
from connect_portal.monitoring.live.words import chart_points


@never_cache
@require_safe
def live(request: HttpRequest, slug: str) -> HttpResponse:
    """Fills as they happen, the last 24 hours in numbers, the last hour by minute."""
    ours = _institution(slug)
    tiles = queries.tiles(ours.pk)
    rows = queries.rows(ours.pk)
    points = queries.chart(ours.pk, tiles.currency)
    context = {
        "institution": ours,
        "code": code_of(ours.pk, settings.VENUE_NAME),
        "tiles": tiles,
        "rows": rows,
        "sequence": rows[0].sequence if rows else 0,
        "older": rows[-1].sequence if len(rows) == queries.ROWS else None,
        "bars": points,
        "points": chart_points(points, tiles.currency),
    }
    return render(request, "monitoring/institution/live.html", context)


@never_cache
@require_safe
def fills(request: HttpRequest, slug: str) -> HttpResponse:
    """Older fills, a page at a time: ``?before=`` names the sequence number to go on from."""
    ours = _institution(slug)
    before = request.GET.get("before", "")
    if not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise Http404
    rows = queries.rows(ours.pk, before=int(before))
    older = rows[-1].sequence if len(rows) == queries.ROWS else None
    context = {"institution": ours, "rows": rows, "older": older}
    return render(request, "monitoring/institution/fills.html", context)


def _institution(slug: str) -> "Institution":
    ours = institution(slug)
    if ours is None:
        raise Http404
    return ours
