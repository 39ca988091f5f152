"""An institution's OAuth clients, the live one and the one for tests: what they are, their secrets,
how end users see them, and where they are answered. An owner changes them, others look."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.forms.clients import ClientForm, RedirectForm
from connect_portal.authorizations.models import Client
from connect_portal.institutions.queries import code_of, institution
from connect_portal.institutions.snippets import Group, groups
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import develops, person_of
from connect_portal.venue.types import Environment

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution

ENDPOINTS = {
    "Ask for consent": "authorizations_consent_user:authorize",
    "Pushed requests": "authorizations_machine:par",
    "Tokens": "authorizations_machine:token",
    "Revocation": "authorizations_machine:revoke",
    "Introspection": "authorizations_machine:introspect",
    "Discovery": "authorizations_machine:discovery",
}
PAGES = {Environment.LIVE: "access", Environment.DEMO: "test_access"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest, slug: str, environment: Environment) -> HttpResponse:
    """Show a client; an owner may make a secret, which is shown in this one answer."""
    ours, client = _found(slug, environment)
    if request.method != "POST":
        return _page(request, ours, environment, client)
    actor = _developer(request, ours)
    if client is None:
        raise PermissionDenied
    try:
        secret = actions.make_secret(ours.pk, actor=actor, environment=environment)
    except Refusal as refusal:
        messages.error(request, refusal.text)
        return _back(slug, environment)
    return _page(request, ours, environment, client, secret=secret)


@require_POST
def change(request: HttpRequest, slug: str, environment: Environment) -> HttpResponse:
    """Change how a client is shown, and how it may come."""
    ours, client = _found(slug, environment)
    actor = _developer(request, ours)
    if client is None:
        raise Http404
    form = ClientForm(request.POST, request.FILES, client=client)
    if form.is_valid():
        try:
            if (logo := form.new_logo) is not None:
                actions.set_logo(client.pk, logo, actor=actor)
            actions.change_client(client.pk, **form.change, actor=actor)
        except Refusal as refusal:
            form.say(refusal)
    if form.errors:
        return _page(request, ours, environment, client, form=form)
    messages.success(request, "Saved. It holds from the next request on.")
    return _back(slug, environment)


@require_POST
def ask_redirect(request: HttpRequest, slug: str, environment: Environment) -> HttpResponse:
    """Ask for an address at which the client is to be answered."""
    ours, client = _found(slug, environment)
    actor = _developer(request, ours)
    if client is None:
        raise Http404
    form = RedirectForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_redirect(client.pk, form.cleaned_data["uri"], actor=actor)
        except Refusal as refusal:
            form.say(refusal)
    if form.errors:
        return _page(request, ours, environment, client, redirect_form=form)
    messages.success(request, "Asked. Two persons of the exchange look at it.")
    return _back(slug, environment)


@require_POST
def act(request: HttpRequest, slug: str) -> HttpResponse:
    """What one button does: revoke a secret, withdraw a redirect URI, open the test client."""
    ours, live = _found(slug, Environment.LIVE)
    actor = _developer(request, ours)
    on_test = request.POST.get("on") == Environment.DEMO
    client = queries.client_of(ours.pk, Environment.DEMO) if on_test else live
    verb, _, about = request.POST.get("do", "").partition(":")
    number = int(about) if about.isdecimal() and len(about) < 18 else 0
    try:
        if verb == "revoke":
            actions.revoke_secret(ours.pk, number, actor=actor)
        elif verb == "withdraw" and client:
            actions.withdraw_redirect(client.pk, number, actor=actor)
        elif verb == "open" and live:
            actions.open_test_client(ours.pk, actor=actor)
        else:
            raise Http404
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, "Done. It holds from the next request on.")
    return _back(slug, Environment.DEMO if on_test else Environment.LIVE)


def _found(slug: str, environment: Environment) -> tuple["Institution", Client | None]:
    ours = institution(slug)
    if ours is None:
        raise Http404
    return ours, queries.client_of(ours.pk, environment)


def _developer(request: HttpRequest, ours: "Institution") -> str:
    """The actor, if it may change things here; PermissionDenied for whoever looks on."""
    person = person_of(request)
    if not develops(person, ours):
        raise PermissionDenied
    return person.actor


def _back(slug: str, environment: Environment) -> HttpResponse:
    return redirect(f"authorizations_institution:{PAGES[environment]}", slug)


def _programs(
    ours: "Institution", environment: Environment, client: Client | None, code: str
) -> list[Group]:
    """Programs to copy, for this client and its environment."""
    client_id = client.client_id if client else ""
    is_test = environment is Environment.DEMO
    return groups(ours.channels, code=code, client_id=client_id, demo=is_test)


def _page(
    request: HttpRequest,
    ours: "Institution",
    environment: Environment,
    client: Client | None,
    *,
    secret: str = "",
    form: ClientForm | None = None,
    redirect_form: RedirectForm | None = None,
) -> HttpResponse:
    code = code_of(ours.pk, settings.VENUE_NAME)
    context: dict[str, Any] = {
        "institution": ours,
        "client": client,
        "on": environment,
        "is_test": environment is Environment.DEMO,
        "has_live": client is not None or queries.client_of(ours.pk) is not None,
        "secret": secret,
        "code": code,
        "groups": _programs(ours, environment, client, code) if code else [],
        "endpoints": {
            words: f"{settings.PUBLIC_URL}{reverse(name)}" for words, name in ENDPOINTS.items()
        },
        "may_change": develops(person_of(request), ours),
    }
    if client is not None:
        context |= {
            "secrets": queries.secrets_of(client),
            "redirects": queries.redirects_of(client),
            "asked": queries.redirects_asked(client),
            "form": form or ClientForm(client=client),
            "redirect_form": redirect_form or RedirectForm(),
        }
    wrong = any(one is not None and one.errors for one in (form, redirect_form))
    page = "authorizations/institution/access.html"
    return render(request, page, context, status=422 if wrong else 200)
