"""What the gateway decided about an institution's orders, and what the venue said of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.gateway.queries import WHICH, decisions_for
from connect_portal.institutions.queries import institution


@never_cache
@require_safe
def decisions(request: HttpRequest, slug: str) -> HttpResponse:
    """Order requests, newest first: all or of one kind (``which``), those ``before`` a key."""
    ours = institution(slug)
    which = request.GET.get("which", "all")
    if ours is None or which not in WHICH:
        raise Http404
    context = {
        "institution": ours,
        "which": which,
        "kinds": {word: label for word, (label, _) in WHICH.items()},
        "page": decisions_for(ours.pk, which, _key(request.GET.get("before"))),
    }
    return render(request, "gateway/institution/decisions.html", context)


def _key(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404
    return int(text)
