"""The end user's connections: see them, bind a key, end one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.errors import NotYourBinding
from connect_portal.authorizations.forms import BindForm
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of


@never_cache
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """Every binding the person ever made, the live ones first."""
    mine = queries.bindings_of(person_of(request).pk)
    context = {
        "live": [binding for binding in mine if binding.is_live],
        "ended": [binding for binding in mine if not binding.is_live],
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
