"""Which venue the installation talks to."""

import pytest
from django.test import override_settings

from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.registry import UnknownVenue, venue

OKX = {
    "VENUE_NAME": "okx",
    "VENUE_URL": "https://us.okx.example",
    "VENUE_WS_URL": "wss://wsus.okx.example:8443/ws/v5",
}


def test_the_venue_is_built_from_settings_once() -> None:
    with override_settings(**OKX):
        place = venue()
        assert isinstance(place, OkxVenue)
        assert (place.name, place.base_url) == ("okx", "https://us.okx.example")
        assert place.private_url == "wss://wsus.okx.example:8443/ws/v5/private"
        assert venue("okx") is place
    with override_settings(**OKX | {"VENUE_URL": "https://eea.okx.example"}):
        assert venue() is not place


def test_a_row_of_another_venue_is_a_mistake() -> None:
    with override_settings(**OKX), pytest.raises(UnknownVenue, match="'sandbox' is not the venue"):
        venue("sandbox")
