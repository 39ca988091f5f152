"""The team of an institution: invited by letter, accepted by the person who reads it, changed and
ended by an owner. There is always an owner left."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from connect_portal.audit.actions import record
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.people import queries
from connect_portal.people.actions import mail
from connect_portal.people.actions.persons import give_membership
from connect_portal.people.enums import MembershipRole, Tag
from connect_portal.people.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    InvitedSomebodyElse,
    LastOwner,
    MemberGone,
)
from connect_portal.people.models import Invitation, Membership, Person

OPEN_FOR: Final = timedelta(days=7)


@transaction.atomic
def invite(institution_id: int, *, email: str, role: str, actor: str) -> Invitation:
    """Invite whoever reads the letters of ``email`` into the institution, for a week.

    Raises AlreadyMember, AlreadyInvited. After commit: the letter.
    """
    known = queries.find(email)
    if known and institution_id in queries.institutions_of(known):
        raise AlreadyMember(name=known)
    over = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__lte=now())
    over.filter(institution_id=institution_id, email=email.lower()).update(withdrawn_at=now())
    invitation, is_new = Invitation.objects.get_or_create(
        institution_id=institution_id,
        email=email.lower(),
        accepted_at=None,
        withdrawn_at=None,
        defaults={
            "role": MembershipRole(role),
            "invited_by": actor,
            "expires_at": now() + OPEN_FOR,
        },
    )
    if not is_new:
        raise AlreadyInvited(email=invitation.email)
    enqueue_on_commit("people.send_invitation", invitation_id=invitation.pk)
    _note(Tag.INVITED, institution_id, actor, {"email": invitation.email, "role": role})
    return invitation


@transaction.atomic
def withdraw_invitation(invitation_id: int, institution_id: int, *, actor: str) -> None:
    """Take an open invitation back. Raises InvitationOver."""
    invitation = _open(Invitation.objects.filter(institution_id=institution_id, pk=invitation_id))
    invitation.withdrawn_at = now()
    invitation.save(update_fields=["withdrawn_at"])
    _note(Tag.INVITATION_WITHDRAWN, institution_id, actor, {"email": invitation.email})


@transaction.atomic
def accept_invitation(invitation_id: int, person: Person) -> Membership:
    """Give the person the place they were invited to.

    Raises InvitationOver, InvitedSomebodyElse, AlreadyMember.
    """
    invitation = _open(Invitation.objects.filter(pk=invitation_id))
    if invitation.email != person.email:
        raise InvitedSomebodyElse(email=invitation.email, own=person.email)
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])
    return give_membership(person, invitation.institution_id, invitation.role, actor=person.actor)


@transaction.atomic
def change_role(membership_id: int, institution_id: int, role: str, *, actor: str) -> None:
    """Give a member another role. Raises LastOwner, MemberGone."""
    place = _held(membership_id, institution_id)
    _refuse_last_owner(place, becomes=role)
    data = {"person": place.person_id, "from": place.role, "to": role}
    place.role = MembershipRole(role)
    place.save(update_fields=["role"])
    _note(Tag.MEMBERSHIP_CHANGED, institution_id, actor, data)


@transaction.atomic
def end_membership(membership_id: int, institution_id: int, *, actor: str) -> None:
    """Take a member's place away. Raises LastOwner, MemberGone."""
    place = _held(membership_id, institution_id)
    _refuse_last_owner(place, becomes="")
    _note(Tag.MEMBERSHIP_ENDED, institution_id, actor, {"person": place.person_id})
    place.delete()


def send_invitation(invitation_id: int) -> None:
    """Send the letter of an open invitation; one whose mail server is away waits for the sweep."""
    waiting = Invitation.objects.filter(sent_at=None, accepted_at=None, withdrawn_at=None)
    invitation = waiting.select_related("institution").filter(pk=invitation_id).first()
    if invitation is None:
        return
    path = reverse("institutions_team_user:accept", args=[invitation.token])
    context = {"invitation": invitation, "address": settings.PUBLIC_URL + path}
    if mail.send("invitation", context, to=invitation.email, number=invitation.pk):
        Invitation.objects.filter(pk=invitation_id).update(sent_at=now())


def _open(rows: "queries.Invitations") -> Invitation:
    invitation = rows.select_for_update(of=["self"]).first()
    if invitation is None or not invitation.is_open:
        raise InvitationOver()
    return invitation


def _held(membership_id: int, institution_id: int) -> Membership:
    """The membership, with every owner's held too, so that two owners cannot end one another."""
    rows = Membership.objects.select_for_update().filter(institution_id=institution_id)
    for row in rows.order_by("pk"):
        if row.pk == membership_id:
            return row
    raise MemberGone()


def _refuse_last_owner(place: Membership, *, becomes: str) -> None:
    if place.role != MembershipRole.OWNER or becomes == MembershipRole.OWNER:
        return
    owners = Membership.objects.filter(
        institution_id=place.institution_id, role=MembershipRole.OWNER
    )
    if owners.count() == 1:
        raise LastOwner()


def _note(tag: Tag, institution_id: int, actor: str, data: dict[str, object]) -> None:
    record(tag, actor=actor, subject=f"institution:{institution_id}", data=data)
