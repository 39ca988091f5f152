"""Registers the room with Django."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo cast."""

    name = "connect_portal.demo"

    def ready(self) -> None:
        """Register the check that keeps the cast out of the open."""
        from connect_portal.demo import checks  # noqa: F401
