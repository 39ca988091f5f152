"""Predicates about people: who somebody is, and for whom they may act.

Those that guard a door take the arguments of the address too, and ignore what they do not need.
"""

from typing import TYPE_CHECKING, Any, TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from connect_portal.people.enums import MONEY, PAPERS, TECHNICAL, MembershipRole, StaffRole
from connect_portal.people.models import Membership, Person

if TYPE_CHECKING:
    from connect_portal.institutions.models import Institution


def is_signed_in(person: Person | AnonymousUser, **address: Any) -> TypeGuard[Person]:
    """Whether somebody, whoever it is, has signed in."""
    return isinstance(person, Person)


def person_of(request: HttpRequest) -> Person:
    """The person behind a request that came through a door; PermissionDenied for anybody else."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def works_for_exchange(person: Person | AnonymousUser, **address: Any) -> bool:
    """Whether the person holds a role at the exchange."""
    return isinstance(person, Person) and person.is_active and person.is_exchange_staff


def administers(person: Person | AnonymousUser, **address: Any) -> bool:
    """Whether the person gives and takes roles at the exchange, and may look into every table."""
    return isinstance(person, Person) and person.is_active and person.is_superuser


def looks_after_staff(person: Person | AnonymousUser, **address: Any) -> bool:
    """Whether the person sees who works for the exchange, ends their sessions, and confirms roles:
    an administrator, or compliance."""
    is_compliance = isinstance(person, Person) and person.staff_role == StaffRole.COMPLIANCE
    return administers(person) or (is_compliance and works_for_exchange(person))


def owns(person: Person | AnonymousUser, institution: "Institution") -> bool:
    """Whether the person may change things in the institution's name."""
    return _has_place(person, institution_id=institution.pk, role=MembershipRole.OWNER)


def develops(person: Person | AnonymousUser, institution: "Institution") -> bool:
    """Whether the person may change the institution's technical side: an owner or a developer."""
    return _has_place(person, institution_id=institution.pk, role__in=TECHNICAL)


def sees_papers(person: Person | AnonymousUser, institution: "Institution") -> bool:
    """Whether the person may keep the institution's contracts: an owner, or its finance."""
    return _has_place(person, institution_id=institution.pk, role__in=PAPERS)


def sees_money(person: Person | AnonymousUser, *, slug: str = "", **address: Any) -> bool:
    """Whether the person may see what the institution named by the address earns.

    A developer works on the technical side only.
    """
    return _has_place(person, institution__slug=slug, role__in=MONEY)


def belongs_here(person: Person | AnonymousUser, *, slug: str = "", **address: Any) -> bool:
    """Whether the person has a place in the institution named by the address.

    An address without a slug is open to members of any institution.
    """
    return _has_place(person, **({"institution__slug": slug} if slug else {}))


def _has_place(person: Person | AnonymousUser, **where: Any) -> bool:
    if not isinstance(person, Person):
        return False
    return Membership.objects.filter(person=person, **where).exists()
