"""The API channel on pages: bind a key or have one made, and end a binding."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.errors import NotYourBinding
from connect_portal.authorizations.forms.binding import BindForm
from connect_portal.authorizations.models import Binding
from connect_portal.institutions.queries import ips, open_to_bindings
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of

if TYPE_CHECKING:
    from connect_portal.people.models import Person

LONGEST_SEARCH = 80


@never_cache
@sensitive_post_parameters("secret", "passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
def bind(request: HttpRequest) -> HttpResponse:
    """Bind an API key for an institution; a key that is made here is shown in the answer, once."""
    person = person_of(request)
    data = request.POST if request.method == "POST" else None
    form = BindForm(data, person_id=person.pk, chosen=request.GET.get("institution", "")[:20])
    if form.is_valid():
        try:
            return (_make if form.wants_key else _take)(request, form, person)
        except Refusal as refusal:
            form.say(refusal)
    status = 422 if form.errors else 200
    return render(request, "authorizations/user/bind.html", {"form": form}, status=status)


def _take(request: HttpRequest, form: BindForm, person: "Person") -> HttpResponse:
    binding = actions.bind_key(
        owner_id=person.pk,
        institution_id=form.cleaned_data["institution"],
        credentials=form.credentials,
        actor=person.actor,
    )
    messages.success(
        request, f"Bound to {binding.institution}. Orders with its code in their tag now count."
    )
    if not binding.ips:
        messages.warning(request, _advice(binding))
    return redirect("authorizations_user:connections")


def _advice(binding: Binding) -> str:
    theirs = ", ".join(ips(binding.institution_id))
    servers = f"its servers ({theirs})" if theirs else "its servers"
    return (
        f"This key works from anywhere. At the venue, limit it to the addresses of "
        f"{binding.institution} for {servers} and of this site: a key that leaks is then useless."
    )


def _make(request: HttpRequest, form: BindForm, person: "Person") -> HttpResponse:
    made = actions.bind_new_key(
        owner_id=person.pk,
        institution_id=form.cleaned_data["institution"],
        account_id=form.cleaned_data.get("account"),
        actor=person.actor,
    )
    return render(request, "authorizations/user/key_made.html", {"made": made})


@never_cache
@require_safe
def institutions(request: HttpRequest) -> HttpResponse:
    """The choices of the form whose names hold what was typed."""
    typed = request.GET.get("q", "")[:LONGEST_SEARCH].strip().casefold()
    found = [row for row in open_to_bindings(settings.VENUE_NAME) if typed in row.name.casefold()]
    return render(request, "authorizations/user/_institutions.html", {"institutions": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, binding_id: int) -> HttpResponse:
    """Ask once more, then end a binding."""
    person = person_of(request)
    binding = queries.bindings_of(person.pk).filter(pk=binding_id).first()
    if binding is None:
        raise Http404
    # One that has ended is not asked about again: the action refuses it.
    if request.method != "POST" and not binding.is_over:
        return render(request, "authorizations/user/end.html", {"binding": binding})
    try:
        actions.unbind(binding_id, owner_id=person.pk, actor=person.actor)
    except NotYourBinding as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _farewell(binding))
    return redirect("authorizations_user:connections")


def _farewell(binding: Binding) -> str:
    ended = f"Ended. Nothing counts for {binding.institution} from now on."
    if binding.venue_key_id is not None:
        return f"{ended} The key was made for this connection alone and is deleted at the venue."
    return (
        f"{ended} The key {binding.key_hint}… still works at the venue until you delete it on the "
        "venue's API page: do that now."
    )
