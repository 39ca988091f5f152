"""Makes the venue client known to Django, so that its checks run. It has no models."""

from django.apps import AppConfig


class VenueConfig(AppConfig):
    """The client of the exchange."""

    name = "connect_portal.venue"
    label = "venue"
