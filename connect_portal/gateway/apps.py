"""Registers the room with Django."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """The v5 wire for Bearer tokens."""

    name = "connect_portal.gateway"
