"""What a person needs before they act in a company's name: an email address that is proved to be
theirs, and a second factor.

Actions ask `needs_of`; pages lead there by `set_out` and back by `came_back`. The way is kept in
the session because allauth's pages, each with its own idea of what comes next, would lose it.
"""

from enum import StrEnum
from typing import Final

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from connect_portal.people.models import Person
from connect_portal.people.second_factor import factors_of

_BOUND_FOR: Final = "bound_for"


class Need(StrEnum):
    """Something that is missing: the URL name of the page that mends it."""

    EMAIL = "account_email"
    FACTOR = "mfa_index"

    @property
    def words(self) -> str:
        """How a sentence names it."""
        return "a verified email address" if self is Need.EMAIL else "a second factor"


def needs_of(person: Person) -> list[Need]:
    """What the person lacks, in the order in which to mend it; empty when nothing is missing."""
    proved = EmailAddress.objects.filter(user=person, email=person.email, verified=True)
    has = {Need.EMAIL: proved.exists(), Need.FACTOR: factors_of(person).exists()}
    return [need for need in Need if not has[need]]


def set_out(request: HttpRequest) -> None:
    """Remember the page that was asked for, while its visitor mends what is missing."""
    request.session[_BOUND_FOR] = request.get_full_path()


def came_back(request: HttpRequest) -> None:
    """The visitor is where they wanted to be."""
    request.session.pop(_BOUND_FOR, None)


def bound_for(request: HttpRequest) -> str:
    """Where the visitor wanted to go before something was missing; empty for nowhere."""
    return str(request.session.get(_BOUND_FOR, ""))
