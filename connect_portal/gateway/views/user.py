"""What was done with a connection: a page, and the panel that other pages fetch by its name."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.authorizations.queries import grants_of
from connect_portal.gateway.queries import SHOWN, budget_used, decisions_of
from connect_portal.kit.templatetags.look import grouped
from connect_portal.people.rules import person_of

if TYPE_CHECKING:
    from connect_portal.authorizations.models import Grant


@never_cache
@require_safe
def activity(request: HttpRequest, grant_id: int) -> HttpResponse:
    """The latest orders of a connection of the person, with the reason where one was refused."""
    grant = _grant(request, grant_id)
    context = {"grant": grant, "decisions": decisions_of(grant.pk), "shown": SHOWN}
    name = "_activity" if "HX-Request" in request.headers else "activity"
    return render(request, f"gateway/user/{name}.html", context)


@never_cache
@require_safe
def usage(request: HttpRequest, grant_id: int) -> HttpResponse:
    """How much of the day's limit of a connection of the person is used."""
    grant = _grant(request, grant_id)
    used, most = budget_used(grant.pk), grant.most_per_day
    context = {
        "grant": grant,
        "percent": min(int(100 * used / most), 100) if most else 0,
        "used": f"{grouped(used, 2)} of {grouped(most)} USD" if most else "",
    }
    name = "_usage" if "HX-Request" in request.headers else "usage"
    return render(request, f"gateway/user/{name}.html", context)


def _grant(request: HttpRequest, grant_id: int) -> "Grant":
    grant = grants_of(person_of(request).pk).filter(pk=grant_id).first()
    if grant is None:
        raise Http404
    return grant
