"""The exchange's side of redirect URIs: what waits, and the step that each role makes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.enums import REDIRECT_PARTS, RedirectState
from connect_portal.authorizations.forms.clients import DecisionForm
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def redirects(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first; whose part it is takes it one step further or refuses it."""
    person = person_of(request)
    if request.method != "POST":
        rows = [
            (row, REDIRECT_PARTS[RedirectState(row.state)]) for row in queries.redirects_to_decide()
        ]
        context = {"rows": rows, "role": person.staff_role, "actor": person.actor}
        return render(request, "authorizations/console/redirects.html", context)
    form = DecisionForm(request.POST)
    try:
        if form.is_valid():
            actions.decide_redirect(
                form.cleaned_data["proposal"],
                yes=form.cleaned_data["decision"] == "yes",
                role=person.staff_role,
                actor=person.actor,
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, "Done, and noted in the trail.")
    except Refusal as refusal:
        messages.error(request, refusal.text)
    return redirect("authorizations_console:redirects")
