"""Whether somebody proved a moment ago who they are: asked before what is hard to take back.

A password, and the second factor where the person has one; a passkey stands for both. allauth
keeps the proofs of a session with their times and has the pages that ask for them; it would take
any one of them, and for a quarter of an hour.
"""

import hashlib
import time
from datetime import timedelta
from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from connect_portal.people.models import Person
from connect_portal.people.rules import person_of
from connect_portal.people.second_factor import factors_of

FRESH_FOR: Final = timedelta(minutes=5)
MOST_KEPT: Final = 128 * 1024  # characters; a session is a row of the database
_KEPT: Final = "form_kept"
_PASSWORD: Final = "account_reauthenticate"
_CODE: Final = "mfa_reauthenticate"
_PASSKEY: Final = "mfa_reauthenticate_webauthn"


def missing_proof(request: HttpRequest) -> str | None:
    """The URL name of the page that asks for what is missing of a fresh sign-in, or None."""
    person = person_of(request)
    shown = _shown(request, person)
    if any(one.get("type") == Authenticator.Type.WEBAUTHN for one in shown):
        return None
    factors = set(factors_of(person).values_list("type", flat=True))
    if Authenticator.Type.WEBAUTHN in factors:
        by_factor: str | None = _PASSKEY
    else:
        by_factor = _CODE if factors else None
    if not any(one["method"] == "password" for one in shown):
        return by_factor if by_factor == _PASSKEY else _PASSWORD
    return None if any(one["method"] == "mfa" for one in shown) else by_factor


def factor_shown(request: HttpRequest) -> str:
    """The second factor that was shown a moment ago, in allauth's words; empty if none was."""
    shown = _shown(request, person_of(request))
    types = [str(one.get("type", "")) for one in shown if one["method"] == "mfa"]
    return types[-1] if types else ""


def _shown(request: HttpRequest, person: Person) -> list[dict[str, Any]]:
    """The proofs of this session that are fresh."""
    since = time.time() - FRESH_FOR.total_seconds()
    return [one for one in get_authentication_records(request, person) if one["at"] > since]


def ask_for_proof(request: HttpRequest, page: str) -> HttpResponseRedirect:
    """To the page that `missing_proof` named, and from there back to where the request went.

    What its form said is kept for `kept_form`, so it must hold no secret; there is room for one.
    """
    _keep(request)
    return redirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")


def keep_unless_signed_in(request: HttpRequest) -> None:
    """Keep a form whose sender's session ended meanwhile, for `kept_form` after the next sign-in.

    The ``arrival`` of a view (see `kit.doors`), so its form must hold no secret.
    """
    if request.method == "POST" and not request.user.is_authenticated:
        _keep(request)


def _keep(request: HttpRequest) -> None:
    form = request.POST.urlencode()
    if len(form) <= MOST_KEPT:
        request.session[_KEPT] = {"of": _mark(request), "form": form}


def kept_form(request: HttpRequest) -> QueryDict | None:
    """What the form of this very address said before the person signed in afresh; told once."""
    kept = request.session.get(_KEPT)
    if kept is None or kept["of"] != _mark(request):
        return None
    del request.session[_KEPT]
    return QueryDict(kept["form"])


def _mark(request: HttpRequest) -> str:
    return hashlib.sha256(request.get_full_path().encode()).hexdigest()
