"""Registers the room with Django."""

from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    """The companies of the programme."""

    name = "connect_portal.institutions"
