"""How staff come to the pages of editions and letters; part of `visits`."""

from typing import Any

from django.test import Client

from connect_portal.institutions import editions
from connect_portal.institutions.actions import propose_edition
from connect_portal.institutions.actions.letters import send_letter
from connect_portal.institutions.enums import EditionKind
from connect_portal.institutions.models import Letter
from tests import cast
from tests.institutions.road import Road


def morgan_at_a_letter(client: Client) -> dict[str, Any]:
    """An account manager at the letter that was sent on submission."""
    road = Road.make()
    road.in_review()
    cast.sign_in(client, road.manager)
    letter = Letter.objects.earliest("pk")
    send_letter(letter.pk)
    return {"application_id": letter.move.application_id, "letter_id": letter.pk}


def cora_at_the_editions(client: Client) -> dict[str, Any]:
    """Somebody of compliance, who has new words to decide about."""
    return cora_at_new_words(client) and {}


def cora_at_new_words(client: Client) -> dict[str, Any]:
    """The same, at them."""
    road = Road.make()
    body = editions.shipped(EditionKind.CONTRACT, editions.CONTRACT).replace("at once", "today")
    given = {"body": body, "note": "Clearer.", "person": road.manager}
    row = propose_edition(EditionKind.CONTRACT, editions.CONTRACT, **given)
    cast.sign_in(client, road.compliance)
    return {"kind": row.kind, "name": row.name, "number": row.number}


def cora_at_a_letters_words(client: Client) -> dict[str, Any]:
    """The same, at the words of a letter."""
    cora_at_new_words(client)
    return {"kind": "letter", "name": "request_info"}


def morgan_at_a_new_plan(client: Client) -> dict[str, Any]:
    """An account manager who changes the commission plan."""
    cast.sign_in(client, cast.staff("Morgan"))
    return {"kind": "plan", "name": next(iter(editions.titles(EditionKind.PLAN)))}
