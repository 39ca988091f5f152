"""The console's overview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.monitoring import queries


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every institution's last 24 hours, and how the reading of venue accounts goes."""
    context = {"institutions": queries.overview(), "accounts": queries.sync_health()}
    return render(request, "monitoring/console/overview.html", context)
