"""The fills that an institution brought to a person's account over one connection: a page, and
the panel that other pages fetch by its name."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.authorizations.queries import bindings_of, grants_of
from connect_portal.institutions.queries import code_of
from connect_portal.people.rules import person_of
from connect_portal.trades.queries import Span, after_end, brought, brought_sums

if TYPE_CHECKING:
    from connect_portal.authorizations.models import Binding, Grant
    from connect_portal.trades.models import Fill

SHOWN = 50


@never_cache
@require_safe
def of_grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Over a grant of the person."""
    return _panel(request, grants_of(person_of(request).pk).filter(pk=grant_id).first())


@never_cache
@require_safe
def of_binding(request: HttpRequest, binding_id: int) -> HttpResponse:
    """Over a bound key of the person."""
    return _panel(request, bindings_of(person_of(request).pk).filter(pk=binding_id).first())


def _panel(request: HttpRequest, connection: "Grant | Binding | None") -> HttpResponse:
    if connection is None:
        raise Http404
    span = Span(
        connection.venue_account_id,
        connection.institution_id,
        connection.since,
        connection.over_at,
    )
    context = {
        "connection": connection,
        "fills": brought(span, limit=SHOWN),
        "sums": brought_sums(span),
        "late": _late(span),
        "shown": SHOWN,
    }
    name = "_fills" if "HX-Request" in request.headers else "fills"
    return render(request, f"trades/user/{name}.html", context)


def _late(span: Span) -> "list[Fill]":
    """What still came with the institution's code after the end of the connection."""
    code = code_of(span.institution_id, settings.VENUE_NAME)
    return after_end(span, code, limit=SHOWN) if code else []
