"""Test trading: an owner or developer begins a run, everybody of the institution follows it."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.certification import actions, queries
from connect_portal.certification.enums import Trial
from connect_portal.certification.examples import examples_for
from connect_portal.certification.models import Run
from connect_portal.certification.views.reports import download
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.queries import institution
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import develops, person_of
from connect_portal.venue.types import Credentials

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution
    from connect_portal.people.models import Person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The run under way and those before; a key that a button made is shown in this one answer."""
    ours = _institution(slug)
    if request.method != "POST":
        return _page(request, ours)
    try:
        key = _act(request.POST.get("do", ""), ours, person_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.text)
        return redirect("certification_institution:page", slug)
    if key is not None:
        return _page(request, ours, key=key)
    return redirect("certification_institution:page", slug)


def _act(asked: str, ours: "Institution", person: "Person") -> Credentials | None:
    """What one button does; a key if it made one."""
    verb, *about = asked.split(":")
    if verb == "start":
        return actions.start(ours.pk, person=person)[1]
    if verb == "key":
        return actions.new_key(ours.pk, person=person)[1]
    if verb == "abandon":
        actions.abandon(ours.pk, person=person)
        return None
    try:
        channel, trial = about
        actions.try_again(ours.pk, Channel(channel), Trial(trial), person=person)
    except ValueError as error:
        raise Http404 from error
    return None


@never_cache
@require_safe
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """The run as it stands, for a page that asks every other second; nothing if it knows that."""
    ours = _institution(slug)
    run = queries.runs(ours.pk).first()
    if run is None:
        raise Http404
    if run.is_running and actions.look(run.pk):
        run.refresh_from_db()
    if request.GET.get("seen") == queries.fingerprint(run):
        return HttpResponse(status=204)
    context = _shown(ours, run) | {"may_change": develops(person_of(request), ours)}
    return render(request, "certification/_run.html", context)


@never_cache
@require_safe
def run(request: HttpRequest, slug: str, run_id: int) -> HttpResponse:
    """A run that is over, as it was judged."""
    ours = _institution(slug)
    found = _run(ours, run_id)
    return render(request, "certification/institution/run.html", _shown(ours, found))


@never_cache
@require_safe
def report(request: HttpRequest, slug: str, run_id: int) -> HttpResponse:
    """The report of a run, byte for byte what was hashed."""
    return download(_run(_institution(slug), run_id))


def _page(
    request: HttpRequest, ours: "Institution", *, key: Credentials | None = None
) -> HttpResponse:
    under_way = queries.running(ours.pk)
    if under_way is not None and actions.look(under_way.pk):
        under_way.refresh_from_db()
    past = [one for one in queries.runs(ours.pk)[:20] if not one.is_running]
    context: dict[str, Any] = {
        "is_offered": queries.is_offered(),
        "key": key,
        "past": past,
        "may_change": develops(person_of(request), ours),
        "hours": settings.CERTIFICATION_RUN_S // 3600,
    }
    latest = under_way or (past[0] if past else None)
    if latest is not None:
        context |= _shown(ours, latest)
    else:
        context |= {"institution": ours}
    return render(request, "certification/institution/page.html", context)


def _shown(ours: "Institution", shown: Run) -> dict[str, Any]:
    parts = queries.parts(shown)
    return {
        "institution": ours,
        "run": shown,
        "parts": [(part, examples_for(part, shown)) for part in parts],
        "passed": sum(part.passed for part in parts),
        "needed": sum(part.needed for part in parts),
        "fingerprint": queries.fingerprint(shown),
    }


def _institution(slug: str) -> "Institution":
    ours = institution(slug)
    if ours is None:
        raise Http404
    return ours


def _run(ours: "Institution", run_id: int) -> Run:
    found = queries.run_of(ours.pk, run_id)
    if found is None:
        raise Http404
    return found
