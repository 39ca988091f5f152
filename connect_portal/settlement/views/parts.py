"""What the pages of both audiences share: keys in addresses, and the export."""

from django.http import Http404, HttpRequest, HttpResponse

from connect_portal.settlement import queries
from connect_portal.settlement.models import Statement


def key_in(request: HttpRequest, name: str) -> int | None:
    """The number that the address gives as ``name``; Http404 for anything but a number."""
    text = request.GET.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404
    return int(text)


def exported(statement: Statement) -> HttpResponse:
    """The canonical content as a file: its SHA-256 is the statement's hash."""
    name = f"statement-{statement.institution_id}-{statement.number}.json"
    return HttpResponse(
        queries.content(statement),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
