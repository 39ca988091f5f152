"""The cast never serves in the open: its passwords lie in a file."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from connect_portal.people.actions import register
from tests import cast

EVERYWHERE = "0.0.0.0"  # noqa: S104  (what must be refused)
WEB = ("-m", "uvicorn", "connect_portal.asgi:application", "--port", "0", "--lifespan", "on")
CHECK = ("manage.py", "check", "--database", "default")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mallory_of_the_cast(transactional_db: None) -> None:
    """One member of the cast is in the database."""
    register(
        email="mallory@elsewhere.example",
        password=cast.PASSWORD,
        name="Mallory",
        is_demo=True,
        actor=cast.ACTOR,
    )


def database_url() -> str:
    facts = connection.settings_dict
    return (
        f"postgresql://{quote(facts['USER'])}:{quote(facts['PASSWORD'], safe='')}"
        f"@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    )


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": database_url(), "DEMO": "0"} | changes


def run(*words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """One process until it ends; one that serves would not, and fails the test."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=settings.BASE_DIR,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def serving(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A web process on the loopback of a place where things are tried out."""
    child = subprocess.Popen(
        [sys.executable, *WEB],
        cwd=settings.BASE_DIR,
        env=environment(DEMO="1"),
        stderr=subprocess.PIPE,
        text=True,
    )
    yield child
    child.terminate()
    child.communicate(timeout=30)


@pytest.mark.usefixtures("mallory_of_the_cast")
@pytest.mark.parametrize(
    ("words", "changes", "sentence"),
    [
        ((), {}, "demo.E001: The demo cast is in this database."),
        (("--host", EVERYWHERE), {}, "demo.E001: The demo cast is in this database."),
        (
            ("--host", EVERYWHERE),
            {"DEMO": "1"},
            "demo.E002: The demo cast must not serve on 0.0.0.0",
        ),
        (("--host=::",), {"DEMO": "1"}, "demo.E002: The demo cast must not serve on ::"),
        ((), {"DEMO": "1", "UVICORN_HOST": EVERYWHERE}, "demo.E002: The demo cast must not"),
        (
            ("--host", "127.0.0.1", "--host", "10.0.0.1"),
            {"DEMO": "1"},
            "demo.E002: The demo cast must not serve on 10.0.0.1",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_web_process_ends_with_one_sentence_before_it_answers(
    words: tuple[str, ...], changes: dict[str, str], sentence: str
) -> None:
    ended = run(*WEB, *words, **changes)
    assert ended.returncode != 0
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "running on" not in ended.stderr


@pytest.mark.usefixtures("mallory_of_the_cast")
def test_on_the_loopback_of_a_place_to_try_things_it_serves(
    serving: "subprocess.Popen[str]",
) -> None:
    assert serving.stderr is not None
    told = next(line for line in serving.stderr if "running on" in line or "demo.E" in line)
    assert "http://127.0.0.1:" in told


@pytest.mark.usefixtures("mallory_of_the_cast")
def test_the_check_names_it_too() -> None:
    refused = run(*CHECK)
    assert refused.returncode == 1
    assert "(demo.E001) The demo cast is in this database." in refused.stderr
    assert run(*CHECK, DEMO="1").returncode == 0


def test_without_the_cast_there_is_nothing_to_keep_in() -> None:
    register(email="alice@users.example", password=cast.PASSWORD, name="Alice", actor=cast.ACTOR)
    assert run(*CHECK).returncode == 0


def test_a_database_that_is_not_migrated_yet_has_no_cast() -> None:
    empty = database_url().rsplit("/", 1)[0] + "/postgres"
    assert run(*CHECK, DATABASE_URL=empty).returncode == 0


def test_while_the_database_is_away_nobody_serves_what_might_be_the_cast() -> None:
    away = "postgresql://portal@127.0.0.1:1/portal"
    ended = run(*WEB, "--host", EVERYWHERE, DATABASE_URL=away)
    assert ended.returncode != 0
    assert "demo.E003: The database does not answer" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert run(*CHECK, DATABASE_URL=away, DEMO="1").returncode == 0
