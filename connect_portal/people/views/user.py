"""Accepting a role at the exchange."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.kit.errors import Refusal
from connect_portal.people import actions, queries, standing
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
