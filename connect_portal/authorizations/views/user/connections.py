"""The end user's connections: see them, bind a key, end one."""

from operator import attrgetter
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.errors import NotYourBinding
from connect_portal.authorizations.forms.connections import BindForm
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of

if TYPE_CHECKING:
    from connect_portal.authorizations.models import Binding, Grant


@never_cache
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """Every grant and binding the person ever gave, the live ones first."""
    person = person_of(request)
    mine: list[Binding | Grant] = [*queries.grants_of(person.pk), *queries.bindings_of(person.pk)]
    mine.sort(key=attrgetter("since"), reverse=True)
    context = {
        "live": [connection for connection in mine if connection.is_live],
        "ended": [connection for connection in mine if not connection.is_live],
    }
    return render(request, "authorizations/user/connections.html", context)


@never_cache
@sensitive_post_parameters("secret", "passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
def bind(request: HttpRequest) -> HttpResponse:
    """Bind an API key for an institution."""
    person = person_of(request)
    form = BindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            binding = actions.bind_key(
                owner_id=person.pk,
                institution_id=form.cleaned_data["institution"],
                credentials=form.credentials,
                actor=person.actor,
            )
        except Refusal as refusal:
            form.say(refusal)
        else:
            messages.success(
                request,
                f"Bound to {binding.institution}. Orders with its code in their tag now count.",
            )
            return redirect("authorizations_user:connections")
    status = 422 if form.errors else 200
    return render(request, "authorizations/user/bind.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, binding_id: int) -> HttpResponse:
    """Ask once more, then end a binding."""
    person = person_of(request)
    binding = queries.bindings_of(person.pk).filter(pk=binding_id).first()
    if binding is None:
        raise Http404
    # One that has ended is not asked about again: the action refuses it.
    if request.method != "POST" and binding.is_live:
        return render(request, "authorizations/user/end.html", {"binding": binding})
    try:
        actions.unbind(binding_id, owner_id=person.pk, actor=person.actor)
    except NotYourBinding as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(
            request,
            f"Ended. Nothing counts for {binding.institution} from now on. The key still "
            "works at the venue until you delete it on the venue's API page.",
        )
    return redirect("authorizations_user:connections")


@never_cache
@require_safe
def grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """One grant, and what was done with it."""
    context = {"grant": _grant(request, grant_id)}
    return render(request, "authorizations/user/grant.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end_grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Ask once more, then end a grant."""
    person = person_of(request)
    found = _grant(request, grant_id)
    if request.method != "POST" and found.is_live:
        return render(request, "authorizations/user/end_grant.html", {"grant": found})
    try:
        actions.end_grant(grant_id, owner_id=person.pk, actor=person.actor)
    except NotYourBinding as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(
            request,
            f"Ended. {found.institution} can no longer act on your account, from this moment on.",
        )
    return redirect("authorizations_user:connections")


def _grant(request: HttpRequest, grant_id: int) -> "Grant":
    found = queries.grants_of(person_of(request).pk).filter(pk=grant_id).first()
    if found is None:
        raise Http404
    return found
