"""Pages for everybody."""

import redis
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connect_portal.people import queries, rules


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send a person who signed in to where they work: console, dashboard, or their own pages."""
    if not rules.is_signed_in(request.user):
        return redirect_to_login(request.get_full_path())
    if rules.works_for_exchange(request.user):
        return redirect("institutions_console:desk")
    if rules.administers(request.user):
        return redirect("people_console:staff")
    slug = queries.first_institution_slug(request.user)
    if slug:
        return redirect("monitoring_institution:live", slug=slug)
    return redirect("authorizations_user:connections")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database and Redis answer, 503 and which one does not otherwise."""
    health = {"database": _database_answers(), "redis": _redis_answers()}
    return JsonResponse(
        {part: "ok" if well else "away" for part, well in health.items()},
        status=200 if all(health.values()) else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
