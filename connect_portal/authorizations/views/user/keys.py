"""The API keys of an account at the sandbox exchange: list, make one, delete one."""

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from connect_portal.authorizations import actions, desk
from connect_portal.authorizations.errors import AlreadySent, of_venue
from connect_portal.authorizations.forms.account import KeyForm
from connect_portal.authorizations.models import VenueAccount
from connect_portal.authorizations.views.user.account import of_account
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of
from connect_portal.venue.errors import VenueError
from connect_portal.venue.types import Credentials

KEPT_S = 24 * 3600
LOOK = "If its secret was not shown to you, delete the key below and make another."


@never_cache
@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
@of_account
def keys(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """The keys and the form for another; the answer to that form shows the secret, once."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = _make(account, form, actor=person_of(request).actor)
        except Refusal as refusal:
            form.say(refusal)
        else:
            context = {"account": account, "made": made, "form": form}
            return render(request, "authorizations/user/account/key_made.html", context)
    context = {"account": account, "form": form}
    try:
        context["keys"] = desk.keys(account)
    except VenueError as error:
        context["trouble"] = of_venue(error).text
    status = 422 if form.errors else 200
    return render(request, "authorizations/user/account/keys.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_account
def delete(request: HttpRequest, account: VenueAccount, api_key: str) -> HttpResponse:
    """Ask once more, then delete a key."""
    if request.method != "POST":
        return _ask(request, account, api_key)
    try:
        actions.delete_api_key(account, api_key, actor=person_of(request).actor)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"Deleted. The key {api_key[:8]}… opens nothing any more.")
    return redirect("authorizations_user:keys", account.pk)


def _ask(request: HttpRequest, account: VenueAccount, api_key: str) -> HttpResponse:
    context: dict[str, object] = {"account": account}
    try:
        rows = [row for row in desk.keys(account) if row.key.api_key == api_key]
    except VenueError as error:
        context["trouble"] = of_venue(error).text
    else:
        if not rows or not rows[0].is_owners:
            raise Http404
        context["row"] = rows[0]
    return render(request, "authorizations/user/account/delete_key.html", context)


@sensitive_variables()
def _make(account: VenueAccount, form: KeyForm, *, actor: str) -> Credentials:
    """Make the key, once for a form: a second answer could not show what the first one did."""
    sent = f"key-form:{account.pk}:{form.cleaned_data['form_id']}"
    if not cache.add(sent, True, KEPT_S):
        raise AlreadySent(look=LOOK)
    return actions.make_api_key(account, **form.choice, actor=actor)
