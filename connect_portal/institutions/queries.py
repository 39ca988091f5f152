"""Reads of this room, for every room above."""

from collections.abc import Collection

from connect_portal.institutions.enums import Channel, CodeState
from connect_portal.institutions.models import ConnectCode, Institution


def active_codes(venue: str, codes: Collection[str]) -> dict[str, int]:
    """Whose the given ``codes`` are: institution id by code, active codes of ``venue`` only."""
    rows = ConnectCode.objects.filter(venue=venue, code__in=codes, state=CodeState.ACTIVE)
    return dict(rows.values_list("code", "institution_id"))


def code_of(institution_id: int, venue: str) -> str | None:
    """The Connect code in use of an institution at ``venue``, whatever its state."""
    codes = ConnectCode.objects.filter(institution_id=institution_id, venue=venue)
    return codes.exclude(state=CodeState.RETIRED).values_list("code", flat=True).first()


def codes_in_use(venue: str) -> dict[int, str]:
    """The Connect code in use at ``venue`` by institution, whatever its state."""
    codes = ConnectCode.objects.filter(venue=venue).exclude(state=CodeState.RETIRED)
    return dict(codes.values_list("institution_id", "code"))


def institution(slug: str) -> Institution | None:
    """The institution of that slug."""
    return Institution.objects.filter(slug=slug).first()


def institutions(ids: Collection[int] | None = None) -> list[Institution]:
    """All institutions by name, or those of ``ids``."""
    rows = Institution.objects.all()
    return list(rows if ids is None else rows.filter(pk__in=ids))


def open_to_bindings(venue: str) -> list[Institution]:
    """Institutions an end user may bind an API key to: on the API channel, with an active code."""
    return list(
        Institution.objects.filter(
            channels__contains=[Channel.API],
            codes__venue=venue,
            codes__state=CodeState.ACTIVE,
        )
    )
