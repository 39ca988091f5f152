"""The contract as it is offered: its text, rendered from the terms, and its fingerprint.

What is read is what is kept: the same terms make the same text, and the SHA-256 of that text is
what an owner accepts.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.template.loader import render_to_string

from connect_portal.institutions.models import Institution
from connect_portal.institutions.queries import code_of
from connect_portal.kit.money import plain
from connect_portal.terms.queries import example_plan_version, plan_version, tiers

if TYPE_CHECKING:
    from connect_portal.terms.models import PlanTier

STARTING_LEVEL: Final = 1
"""The level at which a new institution begins, until its volume has been looked at."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A contract to read and accept."""

    plan_version_id: int
    level: int
    text: str

    @property
    def sha256(self) -> str:
        """The fingerprint of the text in UTF-8, 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def offer(institution: Institution) -> Offer:
    """What a new institution is offered: the example plan, from its first earning level on."""
    return on_terms(institution, plan_version_id=example_plan_version(), level=STARTING_LEVEL)


def on_terms(institution: Institution, *, plan_version_id: int, level: int) -> Offer:
    """The contract of an institution on these terms."""
    context = {
        "institution": institution,
        "code": code_of(institution.pk, settings.VENUE_NAME) or "",
        "version": plan_version(plan_version_id),
        "tiers": [_line(tier) for tier in tiers(plan_version_id)],
        "level": level,
    }
    text = render_to_string("institutions/contract.txt", context)
    return Offer(plan_version_id, level, text)


def _line(tier: "PlanTier") -> str:
    volume = f"{plain(tier.min_volume)} USDT"
    rates = f"{plain(tier.rate * 100):>6} % {plain(tier.affiliated_rate * 100):>12} %"
    return f"{tier.level:>7} {volume:>18} {tier.min_traders:>9} {rates}"
