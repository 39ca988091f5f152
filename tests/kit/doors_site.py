"""A small site behind doors, for `test_doors`."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt

from connect_portal.kit.doors import Door, door


@csrf_exempt
def page(request: HttpRequest, **address: Any) -> HttpResponse:
    """A page that guards nothing by itself."""
    return HttpResponse(f"page {address}")


async def waiting_page(request: HttpRequest) -> HttpResponse:
    """A page that a door cannot guard."""
    return HttpResponse()


class Rooms:
    """What an app's `urls/<audience>.py` holds: pages, and pages of a nested include."""

    app_name = "rooms"
    deeper: tuple[list[URLPattern | URLResolver], str] = (
        [path("<slug:slug>/", page, name="one")],
        "deep",
    )
    urlpatterns = [path("", page, name="all"), path("deep/", include(deeper))]


class Waiting:
    """A module with an async page."""

    urlpatterns = [path("", waiting_page)]


def is_owner(person: Any, *, slug: str = "", **address: Any) -> bool:
    """Whoever carries the slug as name is at home there; everybody may see the list."""
    return not slug or person.name == slug


ROOMS = Door("rooms", is_owner)

urlpatterns = [
    path("accounts/login/", page, name="account_login"),
    path("rooms/", include(door(ROOMS, Rooms))),
]
