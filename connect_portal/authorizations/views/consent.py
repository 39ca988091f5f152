"""The consent page: who asks, for what, for how long; and the way back to the institution."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.authorizations import actions
from connect_portal.authorizations.forms.connections import ConsentForm
from connect_portal.authorizations.oauth import requests
from connect_portal.authorizations.oauth.requests import AnsweredWithError, Asked, NotToBeAnswered
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the person behind the browser; every request is asked about, none is skipped."""
    return ask(request, requests.read)


def ask(request: HttpRequest, read: Callable[[HttpRequest], Asked]) -> HttpResponse:
    """The page for a request that ``read`` understands, and what follows from the choice."""
    try:
        asked = read(request)
        if request.method == "POST":
            return _decide(request, asked)
        form = ConsentForm(None, asked=asked, person_id=person_of(request).pk)
        return _page(request, asked, form)
    except NotToBeAnswered:
        return render(request, "authorizations/user/not_to_be_answered.html", status=400)
    except AnsweredWithError as error:
        return HttpResponseRedirect(error.url)


def _decide(request: HttpRequest, asked: Asked) -> HttpResponse:
    if request.POST.get("decision") != "allow":
        return HttpResponseRedirect(asked.denied())
    person = person_of(request)
    form = ConsentForm(request.POST, asked=asked, person_id=person.pk)
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    try:
        grant = actions.consent(
            person_id=person.pk,
            client_id=asked.client.pk,
            actor=person.actor,
            **form.choice,
        )
    except Refusal as refusal:
        form.say(refusal)
        return _page(request, asked, form, status=422)
    return HttpResponseRedirect(asked.answered(grant))


def _page(request: HttpRequest, asked: Asked, form: ConsentForm, status: int = 200) -> HttpResponse:
    back = urlsplit(asked.redirect_uri)
    origin = f"{back.scheme}://{back.netloc}"
    context: dict[str, Any] = {
        "institution": asked.client.institution,
        "form": form,
        "back": back.netloc,
    }
    page = render(request, "authorizations/user/consent.html", context, status=status)
    # The answer to this form leads there, and a browser holds form-action to that as well.
    page._csp_update = {"form-action": [origin]}  # type: ignore[attr-defined]
    return page
