"""Registers the room with Django, and where it keeps sealed keys with the vault."""

from django.apps import AppConfig

from connect_portal.kit import sealed


class InstitutionsConfig(AppConfig):
    """The companies of the programme."""

    name = "connect_portal.institutions"

    def ready(self) -> None:
        """The keys of companies' own accounts lie sealed, and those that seal contracts."""
        from connect_portal.institutions import checks  # noqa: F401
        from connect_portal.institutions.models import SealKey, VenueKey

        sealed.register(VenueKey.sealed())
        sealed.register(SealKey.sealed())
