"""What a process says of its environment: `manage.py check` lists it, a server refuses with it."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

PRODUCTION = {
    "DATABASE_URL": "postgresql://portal:p%40ss%2Fword@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": base64.b64encode(b"0123456789abcdefghijklmnopqrstuvwxyz!?" * 2).decode(),
    "VAULT_KEYS": "k1:" + base64.b64encode(b"k" * 32).decode(),
    "PUBLIC_URL": "https://connect.example.com",
    "VENUE_NAME": "okx-us",
    "VENUE_URL": "https://us.okx.com",
    "VENUE_WS_URL": "wss://wsus.okx.com:8443/ws/v5",
}


def run(folder: Path, *words: str, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """One process with the production environment and nothing of ours beside it."""
    variables = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)} | PRODUCTION | changes
    given = {name: value for name, value in variables.items() if value is not None}
    return subprocess.run(
        [sys.executable, *words],
        cwd=settings.BASE_DIR,
        env=given,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_production_settings_leave_nothing_to_complain_of(tmp_path: Path) -> None:
    checked = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_nothing_set_at_all_is_the_embedded_installation(tmp_path: Path) -> None:
    unset: dict[str, str | None] = dict.fromkeys(PRODUCTION)
    checked = run(tmp_path, "manage.py", "check", **unset)
    assert checked.returncode == 0, checked.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SECRET_KEY": None, "VAULT_KEYS": None}, ["SECRET_KEY is not", "VAULT_KEYS is not"]),
        ({"REDIS_URL": None, "VENUE_URL": None}, ["REDIS_URL is not", "VENUE_URL is not"]),
        ({"VENUE_NAME": None}, ["(kit.E003) SANDBOX_OPERATOR_KEY is not set."]),
        ({"PORTAL_PORT": "http"}, ["(kit.E001) PORTAL_PORT must be"]),
        ({"DEMO": "yes"}, ["(kit.E002) DEMO must be 0 or 1"]),
        ({"DATABASE_URL": "mysql://u@h/d"}, ["(kit.E004)"]),
        ({"EMAIL_URL": "post"}, ["(kit.E005)"]),
        ({"VAULT_KEYS": "k1:short"}, ["(kit.E006)"]),
        ({"REDIS_URL": "h:6379"}, ["(kit.E007)"]),
        ({"PUBLIC_URL": "connect.example.com"}, ["(kit.E008) PUBLIC_URL"]),
        ({"VENUE_URL": "http://us.okx.com"}, ["(kit.E008) VENUE_URL"]),
        ({"VENUE_NAME": "OKX US"}, ["(kit.E009)"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_bad_environment_is_named_with_its_id(
    changes: dict[str, str | None], said: list[str], tmp_path: Path
) -> None:
    checked = run(tmp_path, "manage.py", "check", **changes)
    assert checked.returncode == 1
    assert "Traceback" not in checked.stderr
    for words in said:
        assert words in checked.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("-m", "uvicorn", "connect_portal.asgi:application", "--port", "0"),
        ("-m", "celery", "-A", "connect_portal", "worker"),
        ("-m", "celery", "-A", "connect_portal", "beat", "--scheduler", "celery.beat:Scheduler"),
        ("manage.py", "stream"),
    ],
    ids=["web", "worker", "beat", "stream"],
)
def test_no_server_starts_in_a_bad_environment(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = run(tmp_path, *words, DEMO="yes")
    assert ended.returncode != 0
    assert "DEMO must be 0 or 1, not 'yes'." in ended.stderr
    assert "Traceback" not in ended.stderr
