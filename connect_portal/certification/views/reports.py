"""A report as a file; what both audiences' pages share."""

from django.http import Http404, HttpResponse

from connect_portal.certification.models import Run


def download(run: Run) -> HttpResponse:
    """The report of a run, byte for byte what was hashed; there is none while it goes on."""
    if not run.report:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="certification-{run.pk}.json"'}
    return HttpResponse(run.report, content_type="application/json", headers=headers)
