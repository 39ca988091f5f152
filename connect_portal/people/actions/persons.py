"""Register people, give them a role or a place, set a second factor."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.people import queries
from connect_portal.people.actions.sessions import end_sessions
from connect_portal.people.enums import MembershipRole, StaffRole, Tag
from connect_portal.people.errors import AlreadyMember, EmailTaken
from connect_portal.people.models import Membership, Person


@transaction.atomic
def register(
    *,
    email: str,
    password: str | None,
    name: str,
    actor: str,
    staff_role: str = StaffRole.NONE,
    is_demo: bool = False,
) -> Person:
    """Make a person who can sign in with `email` and `password`; the actor vouches for the address.

    Without a password nobody can sign in until one is set by letter. Refuses: EmailTaken.
    """
    if queries.find(email):
        raise EmailTaken(email=email)
    person = Person.objects.create_user(
        email, password, name=name, staff_role=StaffRole(staff_role), is_demo=is_demo
    )
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    if person.staff_role:
        _join_group(person)
    data = {"email": person.email, "staff_role": person.staff_role, "is_demo": is_demo}
    record(Tag.REGISTERED, actor=actor, subject=person.actor, data=data)
    return person


@transaction.atomic
def give_staff_role(person: Person, role: str, *, actor: str) -> None:
    """Give the person a role at the exchange in place of the one before; `""` takes it away.

    Whoever had one before has to sign in anew: nothing that was opened with it stays open.
    """
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.staff_role not in (StaffRole.NONE, role):
        end_sessions(person, actor=actor)
    data = {"from": locked.staff_role, "to": StaffRole(role).value}
    locked.staff_role = person.staff_role = StaffRole(role)
    locked.save(update_fields=["staff_role"])
    _join_group(locked)
    record(Tag.STAFF_ROLE_GIVEN, actor=actor, subject=person.actor, data=data)


@transaction.atomic
def make_administrator(person: Person, *, actor: str) -> None:
    """Let the person give and take roles, and look into every table by Django's admin."""
    person.is_superuser = person.is_staff = True
    person.save(update_fields=["is_superuser", "is_staff"])
    record(Tag.ADMINISTRATOR_GIVEN, actor=actor, subject=person.actor)


def _join_group(person: Person) -> None:
    """The person's role is the one truth; the group of that name follows it and nothing else."""
    ours = [StaffRole(value).label for value in StaffRole.values if value]
    person.groups.remove(*Group.objects.filter(name__in=ours))
    if person.staff_role:
        label = StaffRole(person.staff_role).label
        person.groups.add(Group.objects.get_or_create(name=label)[0])


@transaction.atomic
def give_membership(person: Person, institution_id: int, role: str, *, actor: str) -> Membership:
    """Give the person a place in the institution. Refuses: AlreadyMember."""
    place, is_new = Membership.objects.get_or_create(
        person=person,
        institution_id=institution_id,
        defaults={"role": MembershipRole(role), "given_by": actor},
    )
    if not is_new:
        raise AlreadyMember(name=person)
    data = {"institution": institution_id, "role": place.role}
    record(Tag.MEMBERSHIP_GIVEN, actor=actor, subject=person.actor, data=data)
    return place


@transaction.atomic
def set_totp(person: Person, secret: str | None = None, *, actor: str) -> str:
    """Give the person this TOTP secret (base32) in place of any earlier one, and return it.

    Without `secret` a random one is made. It is kept sealed and shown nowhere else.
    """
    secret = secret or generate_totp_secret()
    Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(person, secret)
    record(Tag.FACTOR_ADDED, actor=actor, subject=person.actor, data={"type": "totp"})
    return secret


@transaction.atomic
def remove_totp(person: Person, *, actor: str) -> None:
    """Take the person's TOTP away; again changes nothing."""
    taken, _ = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).delete()
    if taken:
        record(Tag.FACTOR_REMOVED, actor=actor, subject=person.actor, data={"type": "totp"})
