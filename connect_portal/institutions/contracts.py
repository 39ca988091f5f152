"""The contract as it is offered: its text, rendered from the terms, and its fingerprint.

What is read is what is kept: the same terms and the same edition of the template make the same
text, and the SHA-256 of that text is what an owner accepts.
"""

import hashlib
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from connect_portal.institutions import editions, wording
from connect_portal.institutions.enums import EditionKind
from connect_portal.institutions.errors import NoSuchTerms, TermsChanged
from connect_portal.institutions.models import Application, Institution
from connect_portal.institutions.pdf.reading import one_line, row
from connect_portal.institutions.queries import code_of, signatories_of
from connect_portal.institutions.renewals import outlook
from connect_portal.kit.money import plain
from connect_portal.terms.queries import (
    example_plan_version,
    plan_version,
    tiers,
    version_in_force,
)

if TYPE_CHECKING:
    from connect_portal.terms.models import PlanTier, PlanVersion

VALID_FOR: Final = timedelta(days=365)
"""The term of a contract."""
STARTING_LEVEL: Final = 1
"""The level at which a new institution begins, until its volume has been looked at."""
SAMPLE: Final = {
    "institution": "Harbor Trading",
    "business": "Trading bot platform",
    "channels": "API, OAuth",
    "code": "HARBOR1",
    "particulars": row(("Company", "Harbor Trading")),
    "level": str(STARTING_LEVEL),
    "term": f"for {VALID_FOR.days} days from the last signature on",
}
_WIDTH: Final = 76
_HEADS: Final = ("Level", "Volume a month, at least", "Traders, at least", "Share", "Invited users")


@dataclass(frozen=True, slots=True)
class Offer:
    """A contract to read and accept, and the edition of the template that it is written from."""

    plan_version_id: int
    level: int
    edition: int
    plan: str
    text: str

    @property
    def sha256(self) -> str:
        """The fingerprint of the text in UTF-8, 64 hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def terms(self) -> dict[str, Any]:
        """What a proposal fixes of it, as JSON values."""
        fixed = {"plan_version": self.plan_version_id, "level": self.level}
        return {**fixed, "plan": self.plan, "edition": self.edition, "sha256": self.sha256}


def offer(institution: Institution, at: datetime) -> Offer:
    """What an institution is offered unless somebody says otherwise: its plan as it is in force
    ``at``, at the level of its contract; a new one the example plan, from its first earning level
    on."""
    before = outlook(institution.pk, at).newest
    version, level = example_plan_version(at), STARTING_LEVEL
    if before is not None:
        version = version_in_force(plan_version(before.plan_version_id).plan_id, at).pk
        level = min(before.level, max(tiers(version).values_list("level", flat=True)))
    return on_terms(institution, plan_version_id=version, level=level, at=at)


def proposed(institution: Institution, terms: Mapping[str, Any], at: datetime) -> Offer:
    """What is offered on the ``plan_version`` and ``level`` of ``terms``, else on the usual ones.

    Raises NoSuchTerms for a level that the version has not. Where ``terms`` fix a text already,
    raises TermsChanged unless it would be written the same at ``at``.
    """
    if not terms:
        return offer(institution, at)
    version, level = terms["plan_version"], terms["level"]
    if not tiers(version).filter(level=level).exists():
        raise NoSuchTerms(level=level)
    written = on_terms(institution, plan_version_id=version, level=level, at=at)
    if terms.get("sha256", written.sha256) != written.sha256:
        raise TermsChanged()
    return written


def on_terms(institution: Institution, *, plan_version_id: int, level: int, at: datetime) -> Offer:
    """The contract of an institution on these terms, by the template in force at ``at``."""
    template = editions.in_force(EditionKind.CONTRACT, editions.CONTRACT, at)
    code = code_of(institution.pk, settings.VENUE_NAME) or ""
    version = plan_version(plan_version_id)
    values = {
        "institution": one_line(institution.name),
        "business": institution.get_kind_display(),
        "channels": institution.channel_names,
        "code": code,
        "particulars": "\n".join(map(row, _particulars(institution, code))),
        "level": str(level),
        "term": _term(outlook(institution.pk, at).ends_at),
    } | _of_plan(version, list(tiers(plan_version_id)))
    text = wording.fill(template.body, values)
    return Offer(plan_version_id, level, template.number, str(version), text)


def _term(before_ends: datetime | None) -> str:
    """From when the contract is in force, and how long; ``before_ends`` is when the one that it
    renews does."""
    days = f"for {VALID_FOR.days} days from"
    if before_ends is None:
        return f"{days} the last signature on"
    return (
        f"{days} the end of the contract before it on, {before_ends:%Y-%m-%d %H:%M:%S} UTC, or "
        "from the last signature on if that is later"
    )


def _particulars(institution: Institution, code: str) -> list[tuple[str, str]]:
    """Who the institution is, as its application has it; what was never said is left out."""
    found = Application.objects.filter(institution=institution).first()
    said = [("Company", institution.name), *(_legal_entity(found) if found else [])]
    said += [
        ("Account at the exchange", institution.venue_account_uid),
        ("Connect code", code),
        *(("Signs for it", one.name) for one in (signatories_of(found.pk) if found else [])),
    ]
    return [(label, value) for label, value in said if value]


def _legal_entity(found: Application) -> list[tuple[str, str]]:
    return [
        ("Trades as", found.trading_name),
        ("Registered in", ", ".join(filter(None, [found.region, found.country_name]))),
        ("Registration number", found.registration_number),
        ("Registered on", f"{found.registered_on:%Y-%m-%d}" if found.registered_on else ""),
        ("Registered address", found.registered_address),
        ("Principal address", found.principal_address),
        ("Website", found.website),
    ]


def sample(body: str, at: datetime) -> str:
    """A contract by the template ``body`` with a company that does not exist."""
    plan_version_id = example_plan_version(at)
    values = SAMPLE | _of_plan(plan_version(plan_version_id), list(tiers(plan_version_id)))
    return wording.fill(body, values)


def _of_plan(version: "PlanVersion", levels: "list[PlanTier]") -> dict[str, str]:
    return {
        "plan": version.plan.name,
        "plan_version": str(version.number),
        "plan_table": "\n".join([row(_HEADS), *map(_line, levels)]),
        "plan_source": textwrap.fill(version.plan.source, _WIDTH),
    }


def _line(tier: "PlanTier") -> str:
    shares = (f"{plain(rate * 100)} %" for rate in (tier.rate, tier.affiliated_rate))
    return row((str(tier.level), f"{plain(tier.min_volume)} USDT", str(tier.min_traders), *shares))
