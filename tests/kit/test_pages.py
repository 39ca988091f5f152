"""What a person sees when something broke under a page."""

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from redis import ConnectionError as RedisAway

handler500 = "connect_portal.kit.pages.server_error"


def breaking(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("database/", breaking(OperationalError("connection refused"))),
    path("redis/", breaking(RedisAway("connection refused"))),
    path("defect/", breaking(ValueError("secret detail"))),
]


@pytest.mark.parametrize("away", ["database", "redis"])
def test_a_service_that_is_away_is_said_with_when_to_come_again(away: str) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = Client(raise_request_exception=False).get(f"/{away}/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"Back in a moment" in answer.content


def test_a_defect_of_ours_tells_nothing_of_itself() -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = Client(raise_request_exception=False).get("/defect/")
    assert answer.status_code == 500
    assert b"secret detail" not in answer.content
