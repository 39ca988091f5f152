"""What every page falls back on: the answer when something broke under it."""

import sys

import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_AWAY = (OperationalError, InterfaceError, redis.RedisError)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database or Redis is away, since coming again helps; 500 for a defect of ours.

    Django calls this as ``handler500`` while the exception is being handled.
    """
    if isinstance(sys.exception(), _AWAY):
        return _come_again(request)
    return render(request, "500.html", status=500)


def _come_again(request: HttpRequest) -> HttpResponse:
    answer = render(request, "503.html", status=503)
    answer["Retry-After"] = "5"
    return answer
