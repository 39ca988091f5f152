"""A letter of a case, read again as it was sent."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.institutions.models import Letter


@never_cache
@require_safe
def letter(request: HttpRequest, application_id: int, letter_id: int) -> HttpResponse:
    """To whom it went, when, in the words of which edition, and what it said."""
    rows = Letter.objects.select_related("move__application")
    found = rows.filter(pk=letter_id, move__application_id=application_id).first()
    if found is None:
        raise Http404
    context = {"letter": found, "move": found.move, "application": found.move.application}
    return render(request, "institutions/console/letter.html", context)
