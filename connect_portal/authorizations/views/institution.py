"""The institution's OAuth client: its id, where it is answered, a new secret."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.authorizations import actions, queries
from connect_portal.institutions.queries import code_of, institution
from connect_portal.people.rules import owns, person_of

ENDPOINTS = {
    "Ask for consent": "authorizations_consent_user:authorize",
    "Tokens": "authorizations_machine:token",
    "Revocation": "authorizations_machine:revoke",
    "Introspection": "authorizations_machine:introspect",
    "Discovery": "authorizations_machine:discovery",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the client; an owner may make a secret, which is shown in this one answer."""
    ours = institution(slug)
    if ours is None:
        raise Http404
    may_change = owns(person_of(request), ours)
    secret = ""
    if request.method == "POST":
        if not may_change or queries.client_of(ours.pk) is None:
            raise PermissionDenied
        secret = actions.make_secret(ours.pk, actor=person_of(request).actor)
    client = queries.client_of(ours.pk)
    context = {
        "institution": ours,
        "client": client,
        "redirects": queries.redirects_of(client) if client else [],
        "secret": secret,
        "secrets": queries.secrets_of(client) if client else [],
        "code": code_of(ours.pk, settings.VENUE_NAME),
        "endpoints": {
            words: f"{settings.PUBLIC_URL}{reverse(name)}" for words, name in ENDPOINTS.items()
        },
        "may_change": may_change,
    }
    return render(request, "authorizations/institution/access.html", context)
