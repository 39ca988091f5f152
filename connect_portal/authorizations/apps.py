"""Registers the room with Django."""

from django.apps import AppConfig


class AuthorizationsConfig(AppConfig):
    """Who let whom act."""

    name = "connect_portal.authorizations"
