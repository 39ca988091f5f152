"""The team of an institution: who works for it, who is invited, and accepting an invitation."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.institutions.forms.team import InvitationForm, TeamForm
from connect_portal.institutions.models import Institution
from connect_portal.institutions.queries import institution
from connect_portal.kit.errors import Refusal
from connect_portal.people import actions, queries
from connect_portal.people.enums import MembershipRole
from connect_portal.people.rules import owns, person_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Who works for the institution; an owner invites, changes roles, and ends places."""
    ours = institution(slug)
    if ours is None:
        raise Http404
    if request.method != "POST":
        return _page(request, ours, InvitationForm())
    person = person_of(request)
    if not owns(person, ours):
        raise PermissionDenied
    if request.POST.get("do") == "invite":
        return _invite(request, ours, person.actor)
    form = TeamForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        _change(ours, form, person.actor)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, "Done.")
    return redirect("institutions_institution:team", slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the invitation is, and take it."""
    person = person_of(request)
    invitation = queries.invitation_of(token)
    if invitation is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            actions.accept_invitation(invitation.pk, person)
        except Refusal as refusal:
            problem = refusal.text
        else:
            messages.success(request, f"You now belong to {invitation.institution}.")
            return redirect("monitoring_institution:live", invitation.institution.slug)
    context = {"invitation": invitation, "problem": problem}
    status = 409 if problem else 200
    return render(request, "institutions/user/invitation.html", context, status=status)


def _invite(request: HttpRequest, ours: Institution, actor: str) -> HttpResponse:
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            actions.invite(ours.pk, **form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            messages.success(request, f"A letter goes to {form.cleaned_data['email']}.")
            return redirect("institutions_institution:team", ours.slug)
    return _page(request, ours, form, status=422)


def _change(ours: Institution, form: TeamForm, actor: str) -> None:
    """Do what the button beside a row says."""
    verb, row = form.cleaned_data["do"], form.cleaned_data["row"]
    verbs: dict[str, Callable[[], None]] = {
        "withdraw": lambda: actions.withdraw_invitation(row, ours.pk, actor=actor),
        "end": lambda: actions.end_membership(row, ours.pk, actor=actor),
        "role": lambda: actions.change_role(
            row, ours.pk, form.cleaned_data["role"] or MembershipRole.VIEWER, actor=actor
        ),
    }
    verbs[verb]()


def _page(
    request: HttpRequest, ours: Institution, form: InvitationForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "institution": ours,
        "team": queries.team_of(ours.pk),
        "invitations": queries.open_invitations(ours.pk),
        "form": form,
        "roles": MembershipRole.choices,
        "may_change": owns(person_of(request), ours),
    }
    return render(request, "institutions/institution/team.html", context, status=status)
