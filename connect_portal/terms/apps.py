"""Registers the room with Django, and loads the example plan after every migration."""

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


class TermsConfig(AppConfig):
    """Commission plans."""

    name = "connect_portal.terms"

    def ready(self) -> None:
        """A database always holds the example plan as the facts of this release tell it."""
        post_migrate.connect(_load_example_plan, sender=self)


def _load_example_plan(**_: Any) -> None:
    from connect_portal.terms.actions import load_example_plan

    if "terms_plantier" in connection.introspection.table_names():
        load_example_plan()
