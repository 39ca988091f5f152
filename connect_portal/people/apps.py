"""Registers the people app and listens to allauth for the audit trail."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Persons, memberships, signing in."""

    name = "connect_portal.people"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers."""
        from connect_portal.people import signals  # noqa: F401
