"""The end user's connections: see them, and end a grant."""

from operator import attrgetter
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.errors import NotYourBinding
from connect_portal.people.rules import person_of

if TYPE_CHECKING:
    from connect_portal.authorizations.models import Binding, Grant


@never_cache
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """Every grant and binding the person ever gave, the live ones first."""
    person = person_of(request)
    mine: list[Binding | Grant] = [*queries.grants_of(person.pk), *queries.bindings_of(person.pk)]
    mine.sort(key=attrgetter("since"), reverse=True)
    context = {
        "live": [connection for connection in mine if connection.is_live],
        "ended": [connection for connection in mine if not connection.is_live],
    }
    return render(request, "authorizations/user/connections.html", context)


@never_cache
@require_safe
def grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """One grant, and what was done with it."""
    context = {"grant": _grant(request, grant_id)}
    return render(request, "authorizations/user/grant.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end_grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Ask once more, then end a grant."""
    person = person_of(request)
    found = _grant(request, grant_id)
    if request.method != "POST" and found.is_live:
        return render(request, "authorizations/user/end_grant.html", {"grant": found})
    try:
        actions.end_grant(grant_id, owner_id=person.pk, actor=person.actor)
    except NotYourBinding as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(
            request,
            f"Ended. {found.institution} can no longer act on your account, from this moment on.",
        )
    return redirect("authorizations_user:connections")


def _grant(request: HttpRequest, grant_id: int) -> "Grant":
    found = queries.grants_of(person_of(request).pk).filter(pk=grant_id).first()
    if found is None:
        raise Http404
    return found
