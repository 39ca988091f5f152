"""Persons and their memberships.

A person is known by one email address, kept in lower case; the database holds to that, so two
spellings of one address are one person.
"""

from typing import Any, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core import signing
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from connect_portal.people.enums import MembershipRole, StaffRole

INVITATION_SALT: Final = "people.invitation"
STAFF_SALT: Final = "people.staff_invitation"


class PersonManager(BaseUserManager["Person"]):
    """Makes persons, and finds them by email however it is spelled."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Save a person; without a password nobody can sign in as them."""
        person = self.model(email=email, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Save an administrator (`manage.py createsuperuser`)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in: an end user, a member of an institution, or exchange staff."""

    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    staff_role = models.CharField(
        max_length=20, choices=StaffRole, default=StaffRole.NONE, blank=True
    )
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text="One of the demo cast.")
    is_staff = models.BooleanField(
        default=False, help_text="May open Django's admin. Not a role of the exchange."
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="people_person_email_is_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(staff_role__in=StaffRole.values),
                name="people_person_staff_role_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    @property
    def actor(self) -> str:
        """How the audit trail names this person."""
        return f"person:{self.pk}"

    @property
    def is_exchange_staff(self) -> bool:
        """Whether the person holds a role at the exchange."""
        return self.staff_role != StaffRole.NONE


class Membership(models.Model):
    """A person's place in an institution."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    institution = models.ForeignKey(
        "institutions.Institution", on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=MembershipRole)
    given_by = models.CharField(max_length=120, help_text="The actor who gave it.")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution"], name="people_membership_once_each"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=MembershipRole.values),
                name="people_membership_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.institution_id} as {self.role}"


class Invitation(models.Model):
    """A place in an institution, offered by letter to whoever reads the mail of an address."""

    institution = models.ForeignKey(
        "institutions.Institution", on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=MembershipRole)
    invited_by = models.CharField(max_length=120, help_text="The actor who invited.")
    at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="people_invitation_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.institution_id}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        is_over = self.accepted_at is not None or self.withdrawn_at is not None
        return not is_over and self.expires_at > timezone.now()

    @property
    def token(self) -> str:
        """What its letter carries: the invitation's number under our signature."""
        return signing.dumps(self.pk, salt=INVITATION_SALT)


class StaffInvitation(models.Model):
    """A role at the exchange, offered by letter: proposed by one, confirmed by another, taken by
    whoever reads the mail of the address."""

    email = models.EmailField()
    role = models.CharField(max_length=20, choices=StaffRole)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, help_text="A week after it was confirmed.")
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="people_staffinvitation_one_open",
            ),
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("confirmed_by")),
                name="people_staffinvitation_takes_two",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(confirmed_by__isnull=False),
                name="people_staffinvitation_confirmed_first",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role for role in StaffRole.values if role]),
                name="people_staffinvitation_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @property
    def is_over(self) -> bool:
        """Whether it was taken, taken back, or left for longer than a week."""
        is_late = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.accepted_at is not None or self.withdrawn_at is not None or is_late

    @property
    def token(self) -> str:
        """What its letter carries: the invitation's number under our signature."""
        return signing.dumps(self.pk, salt=STAFF_SALT)
