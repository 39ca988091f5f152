"""Reads about people and their places."""

from collections.abc import Collection

from allauth.usersessions.models import UserSession
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.sessions.models import Session
from django.core import signing
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from connect_portal.kit.clock import now
from connect_portal.people.enums import TECHNICAL, MembershipRole, StaffRole
from connect_portal.people.models import (
    INVITATION_SALT,
    STAFF_SALT,
    Invitation,
    Membership,
    Person,
    StaffInvitation,
)

Invitations = QuerySet[Invitation]


def find(email: str) -> Person | None:
    """Return the person with this email address, however it is spelled."""
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


def owner_addresses(institution_id: int) -> list[str]:
    """Return the email addresses of the owners of an institution who may sign in."""
    places = Membership.objects.filter(
        institution_id=institution_id, role=MembershipRole.OWNER, person__is_active=True
    )
    return list(places.order_by("pk").values_list("person__email", flat=True))


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


def staff() -> QuerySet[Person]:
    """Return who works for the exchange or administers it, by name, each with the kinds of their
    second factors (``factors``) and how many sessions are open (``session_count``)."""
    sessions = (
        UserSession.objects.filter(Exists(_open_sessions()), user=OuterRef("pk"))
        .values("user")
        .annotate(count=Count("pk"))
    )
    ours = Person.objects.exclude(staff_role=StaffRole.NONE, is_superuser=False)
    return ours.annotate(
        factors=ArrayAgg("authenticator__type", distinct=True, default=[]),
        session_count=Coalesce(Subquery(sessions.values("count")), 0),
    ).order_by("name", "pk")


def _open_sessions() -> QuerySet[Session]:
    """The session behind a row of `UserSession`, while it is open."""
    return Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now())


def sessions_of(person: Person) -> list[UserSession]:
    """Return the person's open sessions, the newest first."""
    return list(UserSession.objects.filter(Exists(_open_sessions()), user=person).order_by("-pk"))


def staff_invitations() -> QuerySet[StaffInvitation]:
    """Return what is proposed or waits to be accepted, the newest first."""
    rows = StaffInvitation.objects.filter(accepted_at=None, withdrawn_at=None)
    is_open = Q(expires_at=None) | Q(expires_at__gt=now())
    return rows.filter(is_open).select_related("proposed_by", "confirmed_by").order_by("-pk")


def staff_invitation_of(token: str) -> StaffInvitation | None:
    """Return the invitation that a letter's token names, whatever became of it."""
    try:
        pk = signing.loads(token, salt=STAFF_SALT)
    except signing.BadSignature:
        return None
    return StaffInvitation.objects.filter(pk=pk).first()


def staff_letters() -> QuerySet[StaffInvitation]:
    """Return the confirmed invitations whose letter waits, the oldest first."""
    waiting = StaffInvitation.objects.filter(
        sent_at=None, accepted_at=None, withdrawn_at=None, expires_at__gt=now()
    )
    return waiting.order_by("pk")


def first_institution_slug(person: Person) -> str | None:
    """Return the address word of the institution the person has belonged to longest."""
    return memberships_of(person).values_list("institution__slug", flat=True).first()


def demo_persons() -> QuerySet[Person]:
    """Return the demo cast."""
    return Person.objects.filter(is_demo=True).order_by("pk")


def holders(role: StaffRole) -> QuerySet[Person]:
    """Return those who hold a role at the exchange and may sign in, by name."""
    return Person.objects.filter(staff_role=role, is_active=True).order_by("name", "pk")


def names(ids: Collection[int]) -> dict[int, str]:
    """Return how each of these persons is called."""
    return {row.pk: str(row) for row in Person.objects.filter(pk__in=ids).only("name", "email")}
