"""Reads about people and their places."""

from django.db.models import QuerySet

from connect_portal.people.enums import MembershipRole
from connect_portal.people.models import Membership, Person


def find(email: str) -> Person | None:
    """Return the person with this e-mail address, however it is spelled."""
    return Person.objects.filter(email=email.lower()).first()


def memberships_of(person: Person) -> QuerySet[Membership]:
    """Return the person's places in institutions, oldest first."""
    return Membership.objects.filter(person=person).order_by("at", "pk")


def institutions_of(person: Person) -> list[int]:
    """Return the ids of the institutions the person belongs to, longest first."""
    return list(memberships_of(person).values_list("institution_id", flat=True))


def owner_ids(institution_id: int) -> list[int]:
    """Return the ids of those who own an institution and may sign in."""
    owners = Membership.objects.filter(
        institution_id=institution_id, role=MembershipRole.OWNER, person__is_active=True
    )
    return list(owners.order_by("pk").values_list("person_id", flat=True))


def first_institution_slug(person: Person) -> str | None:
    """Return the address word of the institution the person has belonged to longest."""
    return memberships_of(person).values_list("institution__slug", flat=True).first()


def demo_persons() -> QuerySet[Person]:
    """Return the demo cast."""
    return Person.objects.filter(is_demo=True).order_by("pk")
