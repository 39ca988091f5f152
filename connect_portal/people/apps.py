"""Registers the people app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Persons and memberships; later listens to allauth for the audit trail."""

    name = "connect_portal.people"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"
