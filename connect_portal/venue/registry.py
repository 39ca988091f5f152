"""Gives the installation's venue, built once from settings. One venue per installation; rows
still carry its name, so a name that is not the configured one is a mistake and said so."""

from functools import lru_cache

from django.conf import settings

from connect_portal.venue.okx.oauth import OkxOAuth
from connect_portal.venue.okx.venue import OkxVenue
from connect_portal.venue.port import Venue


class UnknownVenue(LookupError):
    """A row names a venue this installation is not configured for."""


def venue(name: str | None = None) -> Venue:
    """The configured venue; `name` asserts which. Raises UnknownVenue for any other name."""
    if name is not None and name != settings.VENUE_NAME:
        raise UnknownVenue(f"{name!r} is not the venue here; VENUE_NAME is {settings.VENUE_NAME!r}")
    return _built(settings.VENUE_NAME, settings.VENUE_URL, settings.VENUE_WS_URL)


def venue_oauth() -> OkxOAuth | None:
    """The venue's own OAuth, where the portal is registered as a client of it."""
    if not settings.VENUE_OAUTH_CLIENT_ID:
        return None
    return OkxOAuth(
        web_url=settings.VENUE_OAUTH_URL,
        base_url=settings.VENUE_URL,
        client_id=settings.VENUE_OAUTH_CLIENT_ID,
        client_secret=settings.VENUE_OAUTH_CLIENT_SECRET,
    )


@lru_cache(maxsize=8)
def _built(name: str, url: str, ws_url: str) -> Venue:
    """Keyed by the settings themselves, so that changed settings never meet a stale client."""
    return OkxVenue(name=name, base_url=url, ws_url=ws_url)
