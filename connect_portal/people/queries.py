"""Reads about people and their places."""

from django.db.models import Q, QuerySet

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


def first_institution_slug(person: Person) -> str | None:
    """Return the address word of the institution the person has belonged to longest."""
    return memberships_of(person).values_list("institution__slug", flat=True).first()


def members_of(institution_id: int) -> QuerySet[Membership]:
    """Return the places in one institution with their persons, owners first."""
    places = Membership.objects.filter(institution_id=institution_id)
    return places.select_related("person").order_by("role", "at", "pk")


def visible_to(person: Person) -> QuerySet[Person]:
    """Return whom the person may see: staff everybody, others themselves and their colleagues."""
    if person.is_exchange_staff:
        return Person.objects.order_by("pk")
    colleagues = Q(memberships__institution__in=institutions_of(person))
    return Person.objects.filter(Q(pk=person.pk) | colleagues).distinct().order_by("pk")


def demo_persons() -> QuerySet[Person]:
    """Return the demo cast."""
    return Person.objects.filter(is_demo=True).order_by("pk")
