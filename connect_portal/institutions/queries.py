"""Reads of this room, for every room above."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from connect_portal.institutions.enums import WORKING_CODES, Channel, CodeState
from connect_portal.institutions.models import Application, ConnectCode, Institution
from connect_portal.institutions.models import Contract as ContractRow


@dataclass(frozen=True, slots=True)
class Contract:
    """What an institution earns by: fills from ``live_since`` on, by that plan and level."""

    institution_id: int
    plan_version_id: int
    level: int
    accepted_at: datetime
    live_since: datetime | None


def contracts() -> dict[int, Contract]:
    """Every accepted contract by institution."""
    rows = ContractRow.objects.values_list(*Contract.__dataclass_fields__)
    return {row[0]: Contract(*row) for row in rows}


def contract(institution_id: int) -> Contract | None:
    """The accepted contract of an institution."""
    rows = ContractRow.objects.filter(institution_id=institution_id)
    row = rows.values_list(*Contract.__dataclass_fields__).first()
    return Contract(*row) if row else None


def is_open(institution_id: int) -> bool:
    """Whether orders may be brought in its name: a code in use that is not suspended."""
    codes = ConnectCode.objects.filter(institution_id=institution_id, state__in=WORKING_CODES)
    return codes.exists()


def redirect_uris(institution_id: int) -> list[str]:
    """The redirect URIs that were approved with its technical access, exactly as given."""
    return _approved(institution_id, "redirect_uris")


def ips(institution_id: int) -> list[str]:
    """Its servers' approved addresses and networks in CIDR notation; empty means any."""
    return _approved(institution_id, "ips")


def _approved(institution_id: int, field: str) -> list[str]:
    rows = Application.objects.filter(
        institution_id=institution_id, institution__codes__state__in=WORKING_CODES
    )
    return list(rows.values_list(field, flat=True).first() or [])


def active_codes(venue: str, codes: Collection[str]) -> dict[str, int]:
    """Whose the given ``codes`` are: institution id by code, working codes of ``venue`` only."""
    rows = ConnectCode.objects.filter(
        venue=venue, code__in=codes, state__in=WORKING_CODES, institution__isnull=False
    )
    return dict(rows.values_list("code", "institution_id"))


def code_of(institution_id: int, venue: str) -> str | None:
    """The Connect code in use of an institution at ``venue``, whatever its state."""
    codes = ConnectCode.objects.filter(institution_id=institution_id, venue=venue)
    return codes.exclude(state=CodeState.RETIRED).values_list("code", flat=True).first()


def codes_in_use(venue: str) -> dict[int, str]:
    """The Connect code in use at ``venue`` by institution, whatever its state."""
    given = ConnectCode.objects.filter(venue=venue, institution__isnull=False)
    codes = given.exclude(state=CodeState.RETIRED)
    return dict(codes.values_list("institution_id", "code"))


def institution(slug: str) -> Institution | None:
    """The institution of that slug."""
    return Institution.objects.filter(slug=slug).first()


def institutions(ids: Collection[int] | None = None) -> list[Institution]:
    """All institutions by name, or those of ``ids``."""
    rows = Institution.objects.all()
    return list(rows if ids is None else rows.filter(pk__in=ids))


def open_to_bindings(venue: str) -> list[Institution]:
    """Institutions an end user may bind an API key for: on the API channel, with a working code."""
    return list(
        Institution.objects.filter(
            channels__contains=[Channel.API],
            codes__venue=venue,
            codes__state__in=WORKING_CODES,
        )
    )
