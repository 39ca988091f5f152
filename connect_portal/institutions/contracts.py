"""The contract as it is offered: its text, rendered from the terms, and its fingerprint.

What is read is what is kept: the same terms and the same edition of the template make the same
text, and the SHA-256 of that text is what an owner accepts.
"""

import hashlib
import textwrap
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.conf import settings

from connect_portal.institutions import editions, wording
from connect_portal.institutions.enums import EditionKind
from connect_portal.institutions.models import Institution
from connect_portal.institutions.queries import code_of
from connect_portal.kit.money import plain
from connect_portal.terms.queries import example_plan_version, plan_version, tiers

if TYPE_CHECKING:
    from connect_portal.terms.models import PlanTier, PlanVersion

STARTING_LEVEL: Final = 1
"""The level at which a new institution begins, until its volume has been looked at."""


_WIDTH: Final = 76
_HEADS: Final = """\
  Level  Volume a month at    Traders   Share    of a user with
                      least  at least            another inviter"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A contract to read and accept, and the edition of the template that it is written from."""

    plan_version_id: int
    level: int
    edition: int
    text: str

    @property
    def sha256(self) -> str:
        """The fingerprint of the text in UTF-8, 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def offer(institution: Institution, at: datetime) -> Offer:
    """What a new institution is offered: the example plan, from its first earning level on."""
    return on_terms(
        institution, plan_version_id=example_plan_version(), level=STARTING_LEVEL, at=at
    )


def on_terms(institution: Institution, *, plan_version_id: int, level: int, at: datetime) -> Offer:
    """The contract of an institution on these terms, by the template in force at ``at``."""
    template = editions.in_force(EditionKind.CONTRACT, editions.CONTRACT, at)
    values = {
        "institution": institution.name,
        "business": institution.get_kind_display(),
        "channels": institution.channel_names,
        "code": code_of(institution.pk, settings.VENUE_NAME) or "",
        "level": str(level),
    } | _of_plan(plan_version(plan_version_id), list(tiers(plan_version_id)))
    text = wording.fill(template.body, values)
    return Offer(plan_version_id, level, template.number, text)


def _of_plan(version: "PlanVersion", levels: "list[PlanTier]") -> dict[str, str]:
    return {
        "plan": version.plan.name,
        "plan_version": str(version.number),
        "plan_table": "\n".join([_HEADS, *map(_line, levels)]),
        "plan_source": textwrap.fill(version.plan.source, _WIDTH),
    }


def _line(tier: "PlanTier") -> str:
    volume = f"{plain(tier.min_volume)} USDT"
    rates = f"{plain(tier.rate * 100):>6} % {plain(tier.affiliated_rate * 100):>12} %"
    return f"{tier.level:>7} {volume:>18} {tier.min_traders:>9} {rates}"
