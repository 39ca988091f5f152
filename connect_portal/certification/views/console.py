"""The runs of an application's institution, for those who decide about going live."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.certification import queries
from connect_portal.certification.models import Run
from connect_portal.certification.views.reports import download
from connect_portal.institutions.tracking import application, application_of


@never_cache
@require_safe
def runs(request: HttpRequest, application_id: int) -> HttpResponse:
    """Every run, the newest first."""
    found = application(application_id)
    if found is None or found.institution_id is None:
        raise Http404
    context = {"application": found, "runs": queries.runs(found.institution_id)[:50]}
    return render(request, "certification/console/runs.html", context)


@never_cache
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run with every check and what it rests on."""
    found = _run(run_id)
    context = {
        "run": found,
        "parts": queries.parts(found),
        "application": application_of(found.institution_id),
    }
    return render(request, "certification/console/run.html", context)


@never_cache
@require_safe
def report(request: HttpRequest, run_id: int) -> HttpResponse:
    """Its report, byte for byte what was hashed."""
    return download(_run(run_id))


def _run(run_id: int) -> Run:
    found = queries.run(run_id)
    if found is None:
        raise Http404
    return found
