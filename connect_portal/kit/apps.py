"""Registers the kit with Django and fills the job registry in every process."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KitConfig(AppConfig):
    """Loads every room's jobs, so that an unknown job name fails at once in its caller."""

    name = "connect_portal.kit"

    def ready(self) -> None:
        """Import each app's ``tasks``: Celery's own discovery is lazy outside a worker."""
        from connect_portal.kit import checks  # noqa: F401  (registers the system checks)

        autodiscover_modules("tasks")
