"""Registers the room with Django, and where it keeps sealed keys with the vault."""

from django.apps import AppConfig

from connect_portal.kit import sealed


class AuthorizationsConfig(AppConfig):
    """Who let whom act."""

    name = "connect_portal.authorizations"

    def ready(self) -> None:
        """Every table that holds a key holds it sealed."""
        from connect_portal.authorizations.models.accounts import HoldsKey

        for model in self.get_models():
            if issubclass(model, HoldsKey):
                sealed.register(model.sealed())
