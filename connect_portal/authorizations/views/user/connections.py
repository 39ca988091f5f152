"""The list of an end user's connections."""

from operator import attrgetter
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.authorizations import queries
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
        # What was put aside waits for its owner, so it stands with what is live.
        "live": [connection for connection in mine if not connection.is_over],
        "ended": [connection for connection in mine if connection.is_over],
    }
    return render(request, "authorizations/user/connections.html", context)
