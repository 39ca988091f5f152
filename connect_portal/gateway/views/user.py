"""What was done with a connection: a page, and the panel that other pages fetch by its name."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.authorizations.queries import grants_of
from connect_portal.gateway.queries import SHOWN, decisions_of
from connect_portal.people.rules import person_of


@never_cache
@require_safe
def activity(request: HttpRequest, grant_id: int) -> HttpResponse:
    """The latest orders of a connection of the person, with the reason where one was refused."""
    grant = grants_of(person_of(request).pk).filter(pk=grant_id).first()
    if grant is None:
        raise Http404
    context = {"grant": grant, "decisions": decisions_of(grant.pk), "shown": SHOWN}
    name = "_activity" if "HX-Request" in request.headers else "activity"
    return render(request, f"gateway/user/{name}.html", context)
