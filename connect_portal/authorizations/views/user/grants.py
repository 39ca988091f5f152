"""One grant of an end user: what was allowed and done, its limits, its receipt, its end."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.authorizations import actions, desk, queries, wording
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.errors import NotYourBinding, ProofNeeded
from connect_portal.authorizations.forms.consent import LimitsForm
from connect_portal.authorizations.limits import NO_LIMITS
from connect_portal.authorizations.models import Grant
from connect_portal.kit.errors import Refusal
from connect_portal.people.fresh import ask_for_proof, kept_form, missing_proof
from connect_portal.people.rules import person_of
from connect_portal.venue.types import Environment

View = Callable[Concatenate[HttpRequest, Grant, ...], HttpResponse]


def of_grant(view: View) -> Callable[..., HttpResponse]:
    """Give a view the grant that the address names, if it is the person's own."""

    @wraps(view)
    def found(request: HttpRequest, grant_id: int, **address: Any) -> HttpResponse:
        grant = queries.grants_of(person_of(request).pk).filter(pk=grant_id).first()
        if grant is None:
            raise Http404
        return view(request, grant, **address)

    return found


@never_cache
@require_safe
@of_grant
def show(request: HttpRequest, grant: Grant) -> HttpResponse:
    """The grant, and what was done with it."""
    context = {
        "grant": grant,
        "trades": Scope.TRADE in grant.scopes,
        "orders": set(grant.scopes) != {Scope.READ_ONLY},
        "nevers": wording.never(grant.scopes),
        "used_from": queries.used_from(grant),
        "cancellation": queries.cancellation_of(grant),
    }
    return render(request, "authorizations/user/grant.html", context)


@never_cache
@require_safe
@of_grant
def receipt(request: HttpRequest, grant: Grant) -> HttpResponse:
    """What was consented to, in the words that were read."""
    if not hasattr(grant, "receipt"):
        raise Http404
    return render(request, "authorizations/user/receipt.html", {"grant": grant})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_grant
def limits(request: HttpRequest, grant: Grant) -> HttpResponse:
    """Change the limits: narrower at once, wider after a fresh sign-in."""
    if not grant.is_live or Scope.TRADE not in grant.scopes:
        return redirect("authorizations_user:grant", grant.pk)
    form = LimitsForm(
        request.POST if request.method == "POST" else kept_form(request),
        most=NO_LIMITS,
        now=grant.limits,
        listed=desk.listed(Environment(grant.venue_account.environment)),
    )
    if request.method == "POST" and form.is_valid():
        proof = missing_proof(request)
        try:
            _change(request, grant, form, may_widen=proof is None)
        except ProofNeeded:
            return ask_for_proof(request, proof or "account_reauthenticate")
        except Refusal as refusal:
            form.say(refusal)
        else:
            messages.success(request, "Changed. The limits hold from the next order on.")
            return redirect("authorizations_user:grant", grant.pk)
    context = {"grant": grant, "form": form}
    status = 422 if form.errors else 200
    return render(request, "authorizations/user/limits.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_grant
def end(request: HttpRequest, grant: Grant) -> HttpResponse:
    """Ask once more, then end the grant; its open orders are canceled where the person says so."""
    # One that has ended is not asked about again: the action refuses it.
    if request.method != "POST" and grant.is_live:
        context = {"grant": grant, "trades": Scope.TRADE in grant.scopes}
        return render(request, "authorizations/user/end_grant.html", context)
    person, cancels = person_of(request), "cancel_orders" in request.POST
    try:
        actions.end_grant(grant.pk, owner_id=person.pk, actor=person.actor, cancel_orders=cancels)
    except NotYourBinding as refusal:
        messages.error(request, refusal.text)
        return redirect("authorizations_user:connections")
    said = f"Ended. {grant.institution} can no longer act on your account, from this moment on."
    messages.success(request, f"{said} Its open orders are being canceled." if cancels else said)
    return redirect("authorizations_user:grant", grant.pk)


def _change(request: HttpRequest, grant: Grant, form: LimitsForm, *, may_widen: bool) -> None:
    person = person_of(request)
    actions.change_limits(
        grant.pk, form.limits, owner_id=person.pk, may_widen=may_widen, actor=person.actor
    )
