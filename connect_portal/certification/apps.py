"""Registers the room with Django."""

from django.apps import AppConfig


class CertificationConfig(AppConfig):
    """Test trading, watched and judged."""

    name = "connect_portal.certification"
