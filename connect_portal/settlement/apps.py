"""Registers the room with Django."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Commission, ledger, statements."""

    name = "connect_portal.settlement"
