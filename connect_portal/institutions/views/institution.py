"""An institution's own papers: its onboarding, its technical details, its integration guide."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.facts import sdk_default_tags
from connect_portal.institutions import actions, queries, tracking
from connect_portal.institutions.enums import OVER_CODES, Channel, Step
from connect_portal.institutions.forms.papers import TechnicalForm
from connect_portal.institutions.models import ConnectCode, Institution
from connect_portal.institutions.snippets import groups
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import owns, person_of
from connect_portal.venue.business_clock import business_now

_EXAMPLES: Final = {
    "order": "order.json",
    "ccxt": "ccxt.txt",
    "python_okx": "python_okx.txt",
}
"""What the guide shows: context names, and the files in ``templates/institutions/examples/``."""


@never_cache
@require_safe
def onboarding(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the institution has come, and what it has to do next."""
    ours = _institution(slug)
    application = tracking.application_of(ours.pk)
    tracker = tracking.tracker(application, business_now()) if application else None
    context = {"institution": ours, "tracker": tracker}
    return render(request, "institutions/institution/onboarding.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def technical(request: HttpRequest, slug: str) -> HttpResponse:
    """Look through the redirect URIs and server addresses, and hand them in for review."""
    ours = _institution(slug)
    person = person_of(request)
    application = tracking.application_of(ours.pk)
    if application is None:
        raise Http404
    form = TechnicalForm(
        request.POST if request.method == "POST" else None,
        has_oauth=Channel.OAUTH in ours.channels,
        initial={
            "redirect_uris": "\n".join(application.redirect_uris),
            "ips": "\n".join(application.ips),
        },
    )
    status, problem = (422 if form.errors else 200), ""
    if form.is_valid():
        fields = {"redirect_uris": [], "ips": []} | form.cleaned_data
        try:
            actions.submit_tech(ours.pk, fields, person=person)
        except Refusal as refusal:
            status, problem = (409 if owns(person, ours) else 403), refusal.text
        else:
            messages.success(request, "Handed in. Our technical team sets up your access.")
            return redirect("institutions_institution:onboarding", slug)
    context = {
        "institution": ours,
        "application": application,
        "form": form,
        "problem": problem,
        "may_change": owns(person, ours) and application.step == Step.TECH_SETUP,
    }
    return render(request, "institutions/institution/technical.html", context, status=status)


@never_cache
@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """How to put the code into orders, with the institution's own code in every example."""
    ours = _institution(slug)
    codes = ConnectCode.objects.filter(institution=ours, venue=settings.VENUE_NAME)
    issued = codes.exclude(state__in=OVER_CODES).first()
    context = {
        "institution": ours,
        "issued": issued,
        "code": issued.code if issued else "",
        "has_oauth": Channel.OAUTH in ours.channels,
        "portal_url": settings.PUBLIC_URL,
        "venue_url": settings.VENUE_URL,
        "libraries": sdk_default_tags().items(),
        "groups": groups(ours.channels, code=issued.code) if issued else [],
    }
    context |= {name: _example(file, context) for name, file in _EXAMPLES.items()}
    return render(request, "institutions/institution/guide.html", context)


def _example(file: str, context: dict[str, Any]) -> str:
    """A snippet to copy, with the institution's own code in it."""
    return render_to_string(f"institutions/examples/{file}", context).strip()


def _institution(slug: str) -> Institution:
    ours = queries.institution(slug)
    if ours is None:
        raise Http404
    return ours
