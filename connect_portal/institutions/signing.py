"""How a signature was made, and who may sign for an institution."""

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connect_portal.institutions.queries import Signatory, signatories_of

if TYPE_CHECKING:
    from connect_portal.people.models import Person


@dataclass(frozen=True, slots=True)
class Proof:
    """From where a signature came, and by which second factor the person proved who they are.

    Empty for one that was made on paper and entered by hand.
    """

    ip: str = ""
    user_agent: str = ""
    factor: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the name as typed, and the person behind it, if one did it on this site."""

    name: str
    person: "Person | None" = None
    proof: Proof = Proof()


def signatory_for(person: "Person", application_id: int) -> Signatory | None:
    """As whom the person may sign for the company that applied; None if they may not.

    An application from before people were asked for names no signatory: an owner signs then.
    """
    named = signatories_of(application_id)
    if not named:
        return Signatory(person.name, person.email)
    mine = (one for one in named if one.email.casefold() == person.email.casefold())
    return next(mine, None)


def is_name(typed: str, name: str) -> bool:
    """Whether a name was typed as it stands: case, spaces and forms of letters do not matter."""
    return _plain(typed) == _plain(name)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
