"""What each role of the exchange checks before an application goes on, and about which answers.

A tick holds as long as the answers that it is about stay as they were.
"""

from dataclasses import dataclass
from typing import Final

from connect_portal.institutions.enums import Channel
from connect_portal.institutions.models import Application
from connect_portal.institutions.moves import Event, Hand


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check. ``fields`` are the answers it is about; a field that ends with a colon
    stands for all that begin so. ``channel`` asks it only of those who chose it."""

    key: str
    hand: Hand
    words: str
    fields: tuple[str, ...] = ()
    channel: Channel | None = None


ITEMS: Final = (
    Item(
        "business",
        Hand.ACCOUNT_MANAGER,
        "What they offer is one of the six kinds, and their website shows it",
        ("kind", "other_kinds", "website", "description"),
    ),
    Item(
        "model",
        Hand.ACCOUNT_MANAGER,
        "The chosen model fits what their users are to do",
        ("model", "expected_users", "expected_volume"),
    ),
    Item(
        "contact",
        Hand.ACCOUNT_MANAGER,
        "The contact answers and may speak for the company",
        ("contact_name", "contact_email"),
    ),
    Item(
        "entity",
        Hand.COMPLIANCE,
        "The register names the company as they wrote it",
        (
            "company",
            "country",
            "region",
            "registration_number",
            "registered_on",
            "registered_address",
        ),
    ),
    Item(
        "people",
        Hand.COMPLIANCE,
        "Directors, beneficial owners and signatories are identified",
        ("people", "has_no_owner"),
    ),
    Item(
        "documents",
        Hand.COMPLIANCE,
        "The documents are legible, in date and say the same as the form",
        ("document:",),
    ),
    Item(
        "redirects",
        Hand.TECHNICAL,
        "The redirect URIs are theirs and complete",
        ("redirect_uris",),
        Channel.OAUTH,
    ),
    Item(
        "logo",
        Hand.TECHNICAL,
        "The logo, where there is one, is theirs and fit for the consent page",
        ("logo",),
        Channel.OAUTH,
    ),
    Item("servers", Hand.TECHNICAL, "The server addresses are theirs, or left open", ("ips",)),
    Item(
        "payout",
        Hand.FINANCE,
        "The account at the exchange is the company's own",
        ("company", "venue_account_uid", "venue_key"),
    ),
    Item(
        "plan",
        Hand.FINANCE,
        "The commission plan fits the expected volume",
        ("expected_users", "expected_volume"),
    ),
)

PROPOSED_WITH: Final = {
    Event.APPROVE: Hand.ACCOUNT_MANAGER,
    Event.PROVISION: Hand.TECHNICAL,
}
"""Whose checklist is complete before a move is proposed."""

CONFIRMED_WITH: Final = {
    Event.APPROVE: Hand.COMPLIANCE,
    Event.SEND_CONTRACT: Hand.FINANCE,
}
"""Whose checklist is complete, besides, before it is confirmed."""

HELD_BY_FINDINGS: Final = (Event.APPROVE, Event.PROVISION, Event.APPROVE_LIVE, Event.REINSTATE)
"""Moves that let a company further in, and are not made while a blocking finding is open."""


def items_of(application: Application) -> list[Item]:
    """What is to be checked of an application."""
    chosen = application.channels
    return [item for item in ITEMS if item.channel is None or item.channel in chosen]
