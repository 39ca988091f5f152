"""Reads about people and their places."""

from django.core import signing
from django.db.models import Case, QuerySet, When

from connect_portal.kit.clock import now
from connect_portal.people.enums import TECHNICAL, MembershipRole
from connect_portal.people.models import INVITATION_SALT, Invitation, Membership, Person

Invitations = QuerySet[Invitation]


def find(email: str) -> Person | None:
    """Return the person with this e-mail address, however it is spelled."""
    return Person.objects.filter(email=email.lower()).first()


def memberships_of(person: Person) -> QuerySet[Membership]:
    """Return the person's places in institutions, oldest first."""
    return Membership.objects.filter(person=person).order_by("at", "pk")


def institutions_of(person: Person) -> list[int]:
    """Return the ids of the institutions the person belongs to, longest first."""
    return list(memberships_of(person).values_list("institution_id", flat=True))


def developer_ids(institution_id: int) -> list[int]:
    """Return the ids of the owners and developers of an institution who may sign in."""
    places = Membership.objects.filter(
        institution_id=institution_id, role__in=TECHNICAL, person__is_active=True
    )
    return list(places.order_by("pk").values_list("person_id", flat=True))


def team_of(institution_id: int) -> QuerySet[Membership]:
    """Return everybody who works for an institution, owners first, then by name."""
    places = Membership.objects.filter(institution_id=institution_id).select_related("person")
    is_owner = Case(When(role=MembershipRole.OWNER, then=0), default=1)
    return places.order_by(is_owner, "person__name", "pk")


def open_invitations(institution_id: int) -> Invitations:
    """Return the invitations of an institution that can be accepted, the newest first."""
    rows = Invitation.objects.filter(
        institution_id=institution_id,
        accepted_at=None,
        withdrawn_at=None,
        expires_at__gt=now(),
    )
    return rows.order_by("-pk")


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation that a letter's token names, whatever became of it."""
    try:
        pk = signing.loads(token, salt=INVITATION_SALT)
    except signing.BadSignature:
        return None
    return Invitation.objects.select_related("institution").filter(pk=pk).first()


def unsent_invitations() -> list[int]:
    """Return the ids of open invitations whose letter waits, the oldest first."""
    waiting = Invitation.objects.filter(
        sent_at=None, accepted_at=None, withdrawn_at=None, expires_at__gt=now()
    )
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:100])


def first_institution_slug(person: Person) -> str | None:
    """Return the address word of the institution the person has belonged to longest."""
    return memberships_of(person).values_list("institution__slug", flat=True).first()


def demo_persons() -> QuerySet[Person]:
    """Return the demo cast."""
    return Person.objects.filter(is_demo=True).order_by("pk")
