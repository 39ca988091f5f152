"""Accepting a role at the exchange; one's own sessions."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.kit.errors import Refusal
from connect_portal.people import actions, queries, standing
from connect_portal.people.forms import RowForm
from connect_portal.people.rules import person_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_staff(request: HttpRequest, token: str) -> HttpResponse:
    """Say what is offered and what is still needed for it, and take it."""
    person = person_of(request)
    invitation = queries.staff_invitation_of(token)
    if invitation is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            actions.accept_staff(invitation.pk, person)
        except Refusal as refusal:
            problem = refusal.text
        else:
            standing.came_back(request)
            messages.success(request, f"You work here as {invitation.get_role_display()} now.")
            return redirect("people_public:start")
    needs = standing.needs_of(person)
    if needs:
        standing.set_out(request)
    context = {
        "invitation": invitation,
        "is_open": invitation.confirmed_by_id is not None and not invitation.is_over,
        "problem": problem,
        "needs": [(need.words, need.value) for need in needs],
    }
    status = 409 if problem else 200
    return render(request, "people/user/staff_invitation.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in; every session but this one can be ended, alone or together."""
    person = person_of(request)
    own_key = request.session.session_key
    found = queries.sessions_of(person)
    if request.method == "POST":
        form = RowForm(request.POST)
        others = [one.pk for one in found if one.session_key != own_key]
        wanted = form.cleaned_data if form.is_valid() else {}
        if wanted.get("do") == "end":
            others = [pk for pk in others if pk == wanted["row"]]
        if wanted.get("do") in ("end", "end_others"):
            ended = actions.end_sessions(person, others, actor=person.actor)
            words = "Ended." if ended else "It had ended already."
            messages.success(request, words)
        return redirect("people_sessions_user:sessions")
    context = {"sessions": found, "own_key": own_key}
    return render(request, "people/user/sessions.html", context)
