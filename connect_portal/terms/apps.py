"""Registers the room with Django."""

from django.apps import AppConfig


class TermsConfig(AppConfig):
    """Commission plans."""

    name = "connect_portal.terms"
