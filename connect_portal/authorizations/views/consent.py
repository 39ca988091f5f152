"""The consent page: who asks, for what, how far, for how long; and the way back to the institution.

Only the query string says what is asked (`oauth.requests`); the form narrows it. Whoever allows
more than reading has signed in a moment ago, or does so now and finds their choices kept.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.authorizations import actions, desk, wording
from connect_portal.authorizations.earnings import earns_of
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import AccountElsewhere, VenueDenied
from connect_portal.authorizations.forms.consent import ConsentForm
from connect_portal.authorizations.oauth import pushed, requests
from connect_portal.authorizations.oauth.requests import AnsweredWithError, Asked, NotToBeAnswered
from connect_portal.authorizations.views import venue_consent
from connect_portal.authorizations.views.venue_consent import Brought
from connect_portal.kit.errors import Refusal
from connect_portal.people.fresh import ask_for_proof, kept_form, missing_proof
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.registry import venue_oauth
from connect_portal.venue.types import Environment


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the person behind the browser; every request is asked about, none is skipped."""
    return ask(request, requests.read)


authorize.arrival = pushed.arrive  # type: ignore[attr-defined]


def ask(request: HttpRequest, read: Callable[[HttpRequest], Asked]) -> HttpResponse:
    """The page for a request that ``read`` understands, and what follows from the choice."""
    try:
        asked = read(request)
        if request.method == "POST":
            return _decide(request, asked)
        if (brought := venue_consent.brought(request)) is not None:
            return _return(request, asked, brought)
        return _page(request, asked, _form(request, asked, kept_form(request)))
    except NotToBeAnswered:
        return render(request, "authorizations/user/not_to_be_answered.html", status=400)
    except AnsweredWithError as error:
        return HttpResponseRedirect(error.url)


def _decide(request: HttpRequest, asked: Asked) -> HttpResponse:
    if request.POST.get("decision") != "allow":
        return HttpResponseRedirect(asked.denied())
    form = _form(request, asked, request.POST)
    if not form.is_valid():
        return _page(request, asked, form)
    choice = form.choice
    proof = missing_proof(request)
    if proof and set(choice["scopes"]) != {Scope.READ_ONLY}:
        return ask_for_proof(request, proof)
    if (oauth := venue_oauth()) is not None:
        return venue_consent.leave(request, oauth, choice["scopes"])
    return _conclude(request, asked, form)


def _return(request: HttpRequest, asked: Asked, brought: Brought) -> HttpResponse:
    """Go on with what was chosen before the person consented at the venue too."""
    form = _form(request, asked, brought.chosen)
    if not form.is_valid():
        return _page(request, asked, form)
    if not brought.code:
        form.say(AccountElsewhere() if brought.is_elsewhere else VenueDenied())
        return _page(request, asked, form)
    return _conclude(request, asked, form, code=brought.code)


def _conclude(
    request: HttpRequest, asked: Asked, form: ConsentForm, *, code: str = ""
) -> HttpResponse:
    person = person_of(request)
    try:
        pair = actions.redeem_at_venue(code) if code else None
        grant = actions.consent(
            person_id=person.pk,
            client_id=asked.client.pk,
            actor=person.actor,
            pair=pair,
            **form.choice,
        )
    except Refusal as refusal:
        form.say(refusal)
        return _page(request, asked, form)
    return HttpResponseRedirect(asked.answered(grant))


def _form(request: HttpRequest, asked: Asked, data: QueryDict | None) -> ConsentForm:
    person = person_of(request)
    listed = desk.listed(Environment(asked.client.environment))
    form = ConsentForm(data, asked=asked, person_id=person.pk, listed=listed)
    if venue_consent.origin():
        form.fields.pop("account", None)  # it is chosen there
    return form


def _page(request: HttpRequest, asked: Asked, form: ConsentForm) -> HttpResponse:
    back = urlsplit(asked.redirect_uri)
    institution = asked.client.institution
    context: dict[str, Any] = {
        "institution": institution,
        "asked": asked,
        "form": form,
        "is_fast": Scope.FAST_API in asked.scopes,
        "nevers": wording.never(asked.scopes),
        "ending": wording.ending(asked.scopes),
        "venue_next": venue_consent.origin(),
        "earns": earns_of(institution.pk, business_now()),
        "back": back.netloc,
        "proof": missing_proof(request) if set(asked.scopes) != {Scope.READ_ONLY} else None,
    }
    status = 422 if form.errors else 200
    page = render(request, "authorizations/user/consent.html", context, status=status)
    # The answer to this form leads there, and a browser holds form-action to that as well.
    onward = venue_consent.origin() or f"{back.scheme}://{back.netloc}"
    page._csp_update = {"form-action": [onward, f"{back.scheme}://{back.netloc}"]}  # type: ignore[attr-defined]
    return page
