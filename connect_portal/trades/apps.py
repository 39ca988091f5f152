"""Registers the room with Django."""

from django.apps import AppConfig


class TradesConfig(AppConfig):
    """The mirror of orders and fills."""

    name = "connect_portal.trades"
