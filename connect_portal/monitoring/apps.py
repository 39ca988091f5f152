"""Registers the room with Django."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Live pages."""

    name = "connect_portal.monitoring"
