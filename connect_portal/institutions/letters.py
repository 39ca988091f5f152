"""The letter that tells of a move: words by the edition in force, layout by the templates.

The first line of an edition is the subject; greeting, address and name belong to the layout. A
paragraph whose placeholder has nothing to say, such as a note that nobody wrote, is left out.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from connect_portal.institutions import wording
from connect_portal.institutions.editions import InForce, in_force
from connect_portal.institutions.enums import EditionKind, ReminderKind
from connect_portal.institutions.models import Application, Letter, Reminder
from connect_portal.institutions.queries import code_of_application
from connect_portal.institutions.reviewing import open_requests, requests_of
from connect_portal.people.queries import owner_addresses

_FOLDER: Final = "emails/institutions/step"
_WIDTH: Final = 76
ABOUT_CONTRACTS: Final = (
    *(ReminderKind.SIGN, ReminderKind.EXPIRY),
    *(ReminderKind.RENEWAL, ReminderKind.RENEW_SIGN, ReminderKind.RENEW_STOP),
    ReminderKind.RENEWED,
)
"""Letters that lead to the contract's page."""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it goes out, and the number of the edition of its words."""

    edition: int
    subject: str
    text: str
    html: str


def letter_of(letter: Letter) -> Written:
    """The letter of a move, in the words that were in force when it was made."""
    move = letter.move
    application = move.application
    template = in_force(EditionKind.LETTER, move.event, move.at)
    reader = application.contact_name or str(application.applicant)
    return written(template, values_of(letter), reader=reader, address=_address(application))


def reminder_of(reminder: Reminder) -> Written:
    """The letter of a reminder, in the words that were in force when it was made."""
    application = reminder.application
    template = in_force(EditionKind.LETTER, f"remind_{reminder.kind}", reminder.at)
    waiting = chain.from_iterable(open_requests(application.pk).values())
    asked = [f"- {one.label}: {one.note}" for one in waiting]
    values = {
        "company": application.company,
        "code": code_of_application(application, settings.VENUE_NAME) or "",
        "due": f"{reminder.deadline:%Y-%m-%d %H:%M} UTC",
        "note": reminder.note.strip(),
        "reason": "",
        "requests": "\n".join(["We asked:", *asked]) if asked else "",
    }
    reader = application.contact_name or str(application.applicant)
    page = "contract" if reminder.kind in ABOUT_CONTRACTS else "onboarding"
    return written(template, values, reader=reader, address=_address(application, page))


def readers_of(application: Application) -> list[str]:
    """To whom letters about an application go: the institution's owners once there is one, else
    the applicant."""
    owners = owner_addresses(application.institution_id) if application.institution_id else []
    return owners or [application.applicant.email]


def values_of(letter: Letter) -> dict[str, str]:
    """What fills the placeholders of a move's letter."""
    move = letter.move
    application = move.application
    asked = [f"- {one.label}: {one.note}" for one in requests_of(move)]
    return {
        "company": application.company,
        "code": code_of_application(application, settings.VENUE_NAME) or "",
        "due": f"{letter.due_at:%Y-%m-%d %H:%M} UTC" if letter.due_at else "",
        "note": move.note.strip(),
        "reason": move.get_reason_display() if move.reason else "",
        "requests": "\n".join(["We ask:", *asked]) if asked else "",
    }


def written(template: InForce, values: Mapping[str, str], *, reader: str, address: str) -> Written:
    """The words of an edition, filled and laid out as text and as HTML."""
    subject, _, body = template.body.partition("\n\n")
    blocks = wording.paragraphs(body, values)
    note = values["note"]
    subject = " ".join(wording.fill(subject, values).split())
    context = {
        "subject": subject,
        "reader": reader,
        "address": address,
        "paragraphs": [
            (block, _wrapped(block, is_quote=block == note), block == note) for block in blocks
        ],
    }
    text, html = (render_to_string(f"{_FOLDER}/body.{kind}", context) for kind in ("txt", "html"))
    return Written(template.number, subject, text, html)


def _wrapped(block: str, is_quote: bool) -> str:
    """A paragraph in lines that every mail reader shows whole."""
    margin = "    " if is_quote else ""
    lines = [
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in block.splitlines()
    ]
    return "\n".join(lines)


def _address(application: Application, page: str = "onboarding") -> str:
    """Where the reader follows it."""
    if application.institution is None:
        return settings.PUBLIC_URL + reverse("institutions_user:status")
    slug = application.institution.slug
    return settings.PUBLIC_URL + reverse(f"institutions_institution:{page}", args=[slug])
