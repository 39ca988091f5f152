"""Consent at the venue, after ours: where the portal is a client of the venue's own OAuth, a person
who allows something here allows it there too, and comes back with the venue's code.

What was chosen waits in the session under a state that only this browser knows. The callback checks
it and the venue's domain and leads back to the consent page, which reads the institution's request
anew before anything is granted. https://www.okx.com/docs-v5/broker_en/#oauth-mode
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.authorizations.enums import Scope
from connect_portal.venue.okx.oauth import OkxOAuth
from connect_portal.venue.registry import venue_oauth

KEPT: Final = "venue_consent"
"""The place in the session of what one person chose; there is room for one."""
_ELSEWHERE: Final = "elsewhere"


@dataclass(frozen=True)
class Brought:
    """What came back: the person's choices of before, and the venue's code, "" for a no."""

    chosen: QueryDict
    code: str
    is_elsewhere: bool


def origin() -> str | None:
    """The venue's origin, where the person has to consent there too."""
    oauth = venue_oauth()
    return oauth.web_url if oauth else None


def leave(request: HttpRequest, oauth: OkxOAuth, scopes: list[Scope]) -> HttpResponse:
    """Send the browser to the venue; what was chosen here waits."""
    state = secrets.token_urlsafe(32)
    request.session[KEPT] = {
        "of": _mark(request.get_full_path()),
        "back": request.get_full_path(),
        "state": state,
        "chosen": request.POST.urlencode(),
    }
    address = oauth.authorize_url(
        redirect_uri=f"{settings.PUBLIC_URL}{reverse('authorizations_consent_user:venue_callback')}",
        scopes=tuple(scopes),
        state=state,
    )
    return HttpResponseRedirect(address)


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Take the venue's answer, if it is one to this browser's question, and lead back.

    By a page, not by a redirect: a browser holds the form on the venue's page to its own list of
    addresses for as long as redirects follow each other, and the institution is not on it.
    """
    kept: dict[str, Any] | None = request.session.get(KEPT)
    state = request.GET.get("state", "")
    if kept is None or not hmac.compare_digest(state.encode(), kept["state"].encode()):
        return render(request, "authorizations/user/venue_unasked.html", status=400)
    oauth = venue_oauth()
    is_ours = oauth is not None and oauth.trusts(request.GET.get("domain", ""))
    code = request.GET.get("code", "") if is_ours else ""
    # A state is good once.
    request.session[KEPT] = kept | {"state": secrets.token_urlsafe(32), "code": code}
    if request.GET.get("code") and not is_ours:
        request.session[KEPT] |= {_ELSEWHERE: True}
    return render(request, "authorizations/user/venue_back.html", {"back": kept["back"]})


def brought(request: HttpRequest) -> Brought | None:
    """What came back for the very request that is being looked at; told once."""
    kept: dict[str, Any] | None = request.session.get(KEPT)
    if kept is None or "code" not in kept or kept["of"] != _mark(request.get_full_path()):
        return None
    del request.session[KEPT]
    return Brought(QueryDict(kept["chosen"]), kept["code"], _ELSEWHERE in kept)


def _mark(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()
