"""Who works for the exchange: an administrator proposes a role, a second person confirms it, and
whoever reads the letter takes it. Taking a role away is one administrator's to do, at once."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from connect_portal.audit.actions import record
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.people import queries, rules
from connect_portal.people.actions import mail
from connect_portal.people.actions.persons import give_staff_role
from connect_portal.people.enums import StaffRole, Tag
from connect_portal.people.errors import (
    AlreadyConfirmed,
    AlreadyHolds,
    AlreadyInvited,
    InvitationOver,
    InvitedSomebodyElse,
    NotReady,
    OwnStaffProposal,
)
from connect_portal.people.models import Person, StaffInvitation
from connect_portal.people.standing import needs_of

OPEN_FOR: Final = timedelta(days=7)


@transaction.atomic
def propose_staff(*, email: str, role: str, person: Person) -> StaffInvitation:
    """Propose to invite whoever reads the letters of ``email`` to a role at the exchange.

    Raises PermissionDenied for all but administrators, AlreadyHolds, AlreadyInvited.
    """
    if not rules.administers(person):
        raise PermissionDenied
    email = email.lower()
    known = queries.find(email)
    if known and known.staff_role == role:
        raise AlreadyHolds(email=email)
    StaffInvitation.objects.filter(
        email=email, accepted_at=None, withdrawn_at=None, expires_at__lte=now()
    ).update(withdrawn_at=now())
    invitation, is_new = StaffInvitation.objects.get_or_create(
        email=email,
        accepted_at=None,
        withdrawn_at=None,
        defaults={"role": StaffRole(role), "proposed_by": person},
    )
    if not is_new:
        raise AlreadyInvited(email=email)
    _note(Tag.STAFF_PROPOSED, invitation, person)
    return invitation


@transaction.atomic
def confirm_staff(invitation_id: int, *, person: Person) -> None:
    """Confirm it as a second person; after commit the letter goes out, open for a week.

    Raises PermissionDenied, OwnStaffProposal, AlreadyConfirmed, InvitationOver.
    """
    if not rules.looks_after_staff(person):
        raise PermissionDenied
    invitation = _open(invitation_id)
    if invitation.confirmed_by_id is not None:
        raise AlreadyConfirmed()
    if person.pk == invitation.proposed_by_id or person.email == invitation.email:
        raise OwnStaffProposal()
    invitation.confirmed_by = person
    invitation.expires_at = now() + OPEN_FOR
    invitation.save(update_fields=["confirmed_by", "expires_at"])
    enqueue_on_commit("people.send_staff_invitation", invitation_id=invitation.pk)
    _note(Tag.STAFF_CONFIRMED, invitation, person)


@transaction.atomic
def withdraw_staff(invitation_id: int, *, person: Person) -> None:
    """Decline a proposal or take an invitation back. Raises PermissionDenied, InvitationOver."""
    if not rules.looks_after_staff(person):
        raise PermissionDenied
    invitation = _open(invitation_id)
    invitation.withdrawn_at = now()
    invitation.save(update_fields=["withdrawn_at"])
    _note(Tag.STAFF_WITHDRAWN, invitation, person)


@transaction.atomic
def accept_staff(invitation_id: int, person: Person) -> None:
    """Take the role. Raises InvitationOver, InvitedSomebodyElse, NotReady."""
    invitation = _open(invitation_id)
    if invitation.confirmed_by_id is None:
        raise InvitationOver()
    if invitation.email != person.email:
        raise InvitedSomebodyElse(email=invitation.email, own=person.email)
    if needs := needs_of(person):
        raise NotReady(needs=" and ".join(need.words for need in needs))
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])
    give_staff_role(person, invitation.role, actor=person.actor)


@transaction.atomic
def take_staff_role(colleague: Person, *, person: Person) -> None:
    """End somebody's work for the exchange, and their sessions. Raises PermissionDenied."""
    if not rules.administers(person):
        raise PermissionDenied
    give_staff_role(colleague, StaffRole.NONE, actor=person.actor)


def send_staff_invitation(invitation_id: int) -> None:
    """Send the letter of a confirmed invitation unless it was sent."""
    invitation = queries.staff_letters().filter(pk=invitation_id).first()
    if invitation is None:
        return
    path = reverse("people_user:accept_staff", args=[invitation.token])
    context = {"invitation": invitation, "address": settings.PUBLIC_URL + path}
    if mail.send("staff_invitation", context, to=invitation.email, number=invitation.pk):
        StaffInvitation.objects.filter(pk=invitation_id).update(sent_at=now())


def _open(invitation_id: int) -> StaffInvitation:
    rows = StaffInvitation.objects.select_for_update(of=["self"])
    invitation = rows.filter(pk=invitation_id).first()
    if invitation is None or invitation.is_over:
        raise InvitationOver()
    return invitation


def _note(tag: Tag, invitation: StaffInvitation, person: Person) -> None:
    data = {"email": invitation.email, "role": invitation.role}
    record(tag, actor=person.actor, subject=f"staff_invitation:{invitation.pk}", data=data)
