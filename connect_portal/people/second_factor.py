"""Who must prove themselves by a second factor, and what they have to do next.

allauth has no setting for "required". Staff without a factor set one up; staff whose session never
showed theirs show it. Middleware asks on every page; machine interfaces outside Django's
middleware ask `missing_step` themselves.
"""

from enum import StrEnum
from typing import TypeGuard

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest

from connect_portal.people.models import Person

_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Step(StrEnum):
    """What stands between a person and their work: the URL name of the page to visit."""

    SET_UP = "mfa_index"
    SHOW = "mfa_reauthenticate"
    SHOW_PASSKEY = "mfa_reauthenticate_webauthn"


def is_required(person: Person | AnonymousUser) -> TypeGuard[Person]:
    """Whether a password alone is not enough: exchange staff, and whoever may open the admin."""
    return isinstance(person, Person) and (
        person.is_exchange_staff or person.is_staff or person.is_superuser
    )


def factors_of(person: Person) -> QuerySet[Authenticator]:
    """Return the person's TOTP and passkeys; recovery codes alone are no factor."""
    return Authenticator.objects.filter(user=person, type__in=_FACTORS)


def missing_step(request: HttpRequest) -> Step | None:
    """Return what the request's person has to do before working, or None.

    The request needs a session and a user. A factor shown in this session needs no look-up.
    """
    person = request.user
    if not is_required(person) or _was_shown(request, person):
        return None
    kinds = set(factors_of(person).values_list("type", flat=True))
    if not kinds:
        return Step.SET_UP
    return Step.SHOW if Authenticator.Type.TOTP in kinds else Step.SHOW_PASSKEY


def _was_shown(request: HttpRequest, person: Person) -> bool:
    records = get_authentication_records(request, person)
    return any(entry.get("method") == "mfa" for entry in records)
