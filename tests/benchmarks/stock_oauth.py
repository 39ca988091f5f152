"""The peer of `token_endpoint`: django-oauth-toolkit's own token endpoint on its own tables.

`python -m tests.benchmarks.stock_oauth PORT NUMBER` makes a database of its own beside the
portal's, prints the client and NUMBER refresh tokens as JSON, and serves in the same manner as our
web process: uvicorn, eight threads, a pool of connections.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings

from connect_portal.kit.env import Environment

NAME = "stock_oauth"
ROOT = Path(__file__).resolve().parents[2]


def configure() -> None:
    """Django with nothing but the library. The secret is kept in clear, since the library's slow
    password hash would race for us."""
    from django.urls import path

    database = Environment.of_process(ROOT).database()
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME}")
        connection.execute(f"CREATE DATABASE {NAME}")
    settings.configure(
        SECRET_KEY="of the benchmark",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": database | {"NAME": NAME}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "oauth2_provider",
        ],
        OAUTH2_PROVIDER={"SCOPES": {"read_only": "read"}, "ROTATE_REFRESH_TOKEN": True},
    )
    import django

    django.setup()
    from django.core.management import call_command
    from oauth2_provider.views import TokenView

    call_command("migrate", verbosity=0)
    globals()["urlpatterns"] = [path("oauth/token/", TokenView.as_view())]


def prepared(number: int) -> dict[str, Any]:
    """A confidential client, and the refresh tokens of as many people."""
    from django.contrib.auth import get_user_model
    from django.utils.timezone import now
    from oauth2_provider.models import (
        get_access_token_model,
        get_application_model,
        get_refresh_token_model,
    )

    client = get_application_model().objects.create(
        client_id="stock",
        client_secret="s" * 128,
        hash_client_secret=False,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris="https://acme.example/callback",
    )
    tokens = []
    for one in range(number):
        user = get_user_model().objects.create(username=f"user {one}")
        access = get_access_token_model().objects.create(
            user=user,
            application=client,
            token=f"access {one}",
            scope="read_only",
            expires=now() + timedelta(hours=1),
        )
        get_refresh_token_model().objects.create(
            user=user, application=client, token=f"refresh {one}", access_token=access
        )
        tokens.append(f"refresh {one}")
    return {"client_id": "stock", "client_secret": "s" * 128, "tokens": tokens}


def main() -> None:
    """Prepare, say so, serve."""
    port, number = map(int, sys.argv[1:])
    configure()
    sys.stdout.write(json.dumps(prepared(number)) + "\n")
    sys.stdout.flush()
    from django.core.wsgi import get_wsgi_application

    pages: Any = WSGIMiddleware(get_wsgi_application(), workers=8)  # type: ignore[arg-type]
    uvicorn.run(pages, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
