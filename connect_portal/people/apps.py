"""Registers the people app, listens to allauth for the audit trail, and says where it seals."""

from django.apps import AppConfig

from connect_portal.kit import sealed


class PeopleConfig(AppConfig):
    """Persons, memberships, signing in."""

    name = "connect_portal.people"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers, and name the sealed columns."""
        from connect_portal.people import signals  # noqa: F401
        from connect_portal.people.adapter import SecondFactorAdapter

        sealed.register(SecondFactorAdapter.sealed())
