"""The environment, read strictly: every malformed value is a problem with an id and a hint."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from connect_portal.kit.env import Environment

KEY = base64.b64encode(b"k" * 32).decode()
OTHER_KEY = base64.b64encode(b"o" * 32).decode()
HUGE = "9" * 200_000
OWN = {"DATABASE_URL": "postgresql://u:p@db.example/portal"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(folder: Path, **values: str) -> Environment:
    return Environment(values, folder)


def ids(env: Environment) -> list[str]:
    assert all(problem.message.endswith(".") for problem in env.problems)
    assert all(len(problem.message) < 300 for problem in env.problems)
    return [problem.id for problem in env.problems]


# --- small values -------------------------------------------------------------------------------
@pytest.mark.parametrize("value", ["x", "-1", "1.5", "٣", "1_0", " 1", "65536", HUGE, "0x10"])
def test_a_number_that_is_none_is_named_and_the_default_stands(value: str, folder: Path) -> None:
    env = read(folder, PORTAL_PORT=value)
    assert env.number("PORTAL_PORT", 8000) == 8000
    assert ids(env) == ["kit.E001"]
    assert "PORTAL_PORT" in env.problems[0].message
    assert "PORTAL_PORT" in env.problems[0].hint


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("65535", 65535), ("08000", 8000)])
def test_a_whole_number_is_taken(value: str, number: int, folder: Path) -> None:
    env = read(folder, PORTAL_PORT=value)
    assert env.number("PORTAL_PORT", 1) == number
    assert env.problems == []


@pytest.mark.parametrize("value", ["x", "60,", ",", "7,30", "60,60", "0", "400", "60, 30", HUGE])
def test_days_that_do_not_fall_are_named_and_the_default_stands(value: str, folder: Path) -> None:
    env = read(folder, NOTICE=value)
    assert env.days("NOTICE", "60,30,7", below=365) == (60, 30, 7)
    assert ids(env) == ["kit.E001"]


def test_falling_days_are_taken(folder: Path) -> None:
    env = read(folder, NOTICE="90,14")
    assert env.days("NOTICE", "60,30,7", below=365) == (90, 14)
    assert env.problems == []


@pytest.mark.parametrize("value", ["true", "yes", "2", "TRUE", "on", HUGE])
def test_a_switch_is_0_or_1_and_off_otherwise(value: str, folder: Path) -> None:
    env = read(folder, DEMO=value)
    assert not env.flag("DEMO")
    assert ids(env) == ["kit.E002"]


def test_an_empty_variable_is_an_unset_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("DATA_DIR", "")
    env = Environment.of_process(folder)
    assert env.embedded
    assert env.data_dir == folder / ".data"


# --- addresses ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "value",
    ["connect.example.com", "ftp://x.example", "https://", "https://[", "https://x:port", "//x"],
)
def test_a_site_without_a_whole_address_is_named(value: str, folder: Path) -> None:
    env = read(folder, PUBLIC_URL=value)
    assert env.url("PUBLIC_URL", "http://localhost:8000", "http", "https")
    assert ids(env) == ["kit.E008"]


def test_the_last_slash_of_an_address_is_dropped(folder: Path) -> None:
    env = read(folder, PUBLIC_URL="https://connect.example.com/")
    assert env.url("PUBLIC_URL", "", "http", "https") == "https://connect.example.com"
    assert env.problems == []


def test_a_database_is_read_with_everything_in_its_address(folder: Path) -> None:
    url = "postgresql://us%40er:p%2F%3A%40%23s%25%20%C3%A9@db.example:6543/na%2Fme?sslmode=require"
    database = read(folder, DATABASE_URL=url).database()
    names = ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    assert [database[name] for name in names] == [
        "us@er",
        "p/:@#s% é",
        "db.example",
        "6543",
        "na/me",
    ]
    assert database["OPTIONS"]["sslmode"] == "require"


def test_a_database_behind_a_socket_is_named_by_its_folder(folder: Path) -> None:
    database = read(folder, DATABASE_URL="postgresql:///portal?host=/run/postgresql").database()
    assert database["HOST"] == "/run/postgresql"
    assert "host" not in database["OPTIONS"]


@pytest.mark.parametrize(
    "value",
    ["mysql://u@h/d", "sqlite:///x", "db.example", "postgresql://h:port/d", "postgres://[/d"],
)
def test_anything_but_a_postgresql_address_is_named(value: str, folder: Path) -> None:
    env = read(folder, DATABASE_URL=value)
    env.database()
    assert ids(env) == ["kit.E004"]


@pytest.mark.parametrize("value", ["http://x", "redis://", "localhost:6379", "redis://h:port/0"])
def test_anything_but_a_redis_address_is_named(value: str, folder: Path) -> None:
    env = read(folder, REDIS_URL=value)
    assert env.redis() == ""
    assert ids(env) == ["kit.E007"]


@pytest.mark.parametrize(
    "value", ["redis://:p%40ss@h:6379/0", "rediss://h", "unix:///run/valkey.sock"]
)
def test_a_redis_address_is_taken_as_it_stands(value: str, folder: Path) -> None:
    env = read(folder, REDIS_URL=value)
    assert env.redis() == value
    assert env.problems == []


@pytest.mark.parametrize("value", ["mail.example", "http://h", "smtp://", "smtp://h:port"])
def test_a_letter_box_that_is_none_is_named(value: str, folder: Path) -> None:
    env = read(folder, EMAIL_URL=value)
    env.email()
    assert ids(env) == ["kit.E005"]


def test_letters_go_out_with_the_name_and_password_of_the_address(folder: Path) -> None:
    sent = read(folder, EMAIL_URL="smtps://a%40b:p%3As@mail.example").email()
    assert (sent["EMAIL_HOST"], sent["EMAIL_PORT"]) == ("mail.example", 465)
    assert (sent["EMAIL_HOST_USER"], sent["EMAIL_HOST_PASSWORD"]) == ("a@b", "p:s")
    assert sent["EMAIL_USE_SSL"]
    assert not sent["EMAIL_USE_TLS"]
    started = read(folder, EMAIL_URL="smtp://mail.example?tls=1").email()
    assert (started["EMAIL_PORT"], started["EMAIL_USE_TLS"]) == (587, True)


# --- the venue ----------------------------------------------------------------------------------
def venue_urls(env: Environment) -> tuple[str, str]:
    return (
        env.venue_url("VENUE_URL", "http://127.0.0.1:8100"),
        env.venue_url("VENUE_WS_URL", "ws://127.0.0.1:8100/ws/v5"),
    )


def test_unset_means_the_sandbox_on_this_machine(folder: Path) -> None:
    env = read(folder)
    assert env.venue_name() == "sandbox"
    assert venue_urls(env) == ("http://127.0.0.1:8100", "ws://127.0.0.1:8100/ws/v5")
    assert env.problems == []


def test_a_real_venue_must_be_told_both_its_addresses(folder: Path) -> None:
    env = read(folder, VENUE_NAME="okx-us")
    venue_urls(env)
    assert ids(env) == ["kit.E003", "kit.E003"]
    assert [problem.message for problem in env.problems] == [
        "VENUE_URL is not set.",
        "VENUE_WS_URL is not set.",
    ]


@pytest.mark.parametrize(
    ("url", "ws_url", "wrong"),
    [
        ("https://us.okx.com", "wss://wsus.okx.com:8443/ws/v5", 0),
        ("http://127.0.0.1:9", "ws://localhost:9/ws/v5", 0),
        ("http://us.okx.com", "wss://wsus.okx.com/ws/v5", 1),
        ("https://us.okx.com", "ws://wsus.okx.com/ws/v5", 1),
        ("wss://us.okx.com", "https://us.okx.com", 2),
        ("http://127.0.0.1.example.com", "ws://10.0.0.1", 2),
    ],
)
def test_keys_travel_to_a_real_venue_encrypted_or_not_off_this_machine(
    url: str, ws_url: str, wrong: int, folder: Path
) -> None:
    env = read(folder, VENUE_NAME="okx-us", VENUE_URL=url, VENUE_WS_URL=ws_url)
    taken = venue_urls(env)
    assert ids(env) == ["kit.E008"] * wrong
    assert wrong or taken == (url, ws_url)


def test_a_sandbox_may_stand_on_another_machine_unencrypted(folder: Path) -> None:
    env = read(folder, VENUE_URL="http://sandbox:8100", VENUE_WS_URL="ws://sandbox:8100/ws/v5")
    assert venue_urls(env) == ("http://sandbox:8100", "ws://sandbox:8100/ws/v5")
    assert env.problems == []


@pytest.mark.parametrize("name", ["OKX", "okx us", "o" * 25, "okx_us", "ókx"])
def test_a_venue_whose_name_rows_cannot_carry_is_named_once(name: str, folder: Path) -> None:
    env = read(folder, VENUE_NAME=name)
    env.venue_name()
    venue_urls(env)
    assert ids(env) == ["kit.E009"]


# --- secrets ------------------------------------------------------------------------------------
def test_a_database_of_ones_own_needs_every_secret_of_ones_own(folder: Path) -> None:
    env = read(folder, **OWN)
    env.redis()
    for name in ("SECRET_KEY", "SANDBOX_OPERATOR_KEY"):
        env.secret(name)
    env.vault_keys()
    assert ids(env) == ["kit.E003"] * 4
    named = [problem.message.split()[0] for problem in env.problems]
    assert named == ["REDIS_URL", "SECRET_KEY", "SANDBOX_OPERATOR_KEY", "VAULT_KEYS"]


def test_an_embedded_installation_reads_what_was_written_down(folder: Path) -> None:
    write(folder, "secrets.json", {"SECRET_KEY": "kept", "VAULT_KEYS": f"k1:{KEY}"})
    write(
        folder,
        "run.json",
        {
            "database_url": "postgresql://portal:p%40@127.0.0.1:5555/portal",
            "redis_url": "redis://r",
        },
    )
    env = read(folder)
    assert env.secret("SECRET_KEY") == "kept"
    assert env.vault_keys() == {"k1": b"k" * 32}
    assert env.database()["PORT"] == "5555"
    assert env.database()["PASSWORD"] == "p@"
    assert env.redis() == "redis://r"
    assert env.problems == []


def test_the_environment_wins_over_what_was_written_down(folder: Path) -> None:
    write(folder, "secrets.json", {"SECRET_KEY": "kept"})
    assert read(folder, SECRET_KEY="set").secret("SECRET_KEY") == "set"


def test_a_database_of_ones_own_never_takes_what_was_written_down(folder: Path) -> None:
    write(folder, "secrets.json", {"SECRET_KEY": "kept"})
    write(folder, "run.json", {"redis_url": "redis://embedded"})
    env = read(folder, **OWN)
    assert env.secret("SECRET_KEY") != "kept"
    assert env.redis() == ""
    assert ids(env) == ["kit.E003", "kit.E003"]


def test_before_the_first_start_nothing_is_missing(folder: Path) -> None:
    env = read(folder)
    assert len(env.secret("SECRET_KEY")) >= 40
    assert list(env.vault_keys()) == ["k1"]
    assert env.redis() == ""
    assert env.database()["NAME"] == "portal"
    assert env.problems == []


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"text"', "\udcff"])
def test_a_broken_file_of_secrets_is_named_rather_than_replaced(content: str, folder: Path) -> None:
    (folder / "secrets.json").write_bytes(content.encode(errors="surrogateescape"))
    env = read(folder)
    env.secret("SECRET_KEY")
    env.secret("SANDBOX_OPERATOR_KEY")
    assert ids(env) == ["kit.E010"]


@pytest.mark.parametrize(
    "value",
    [
        "k1",
        KEY,
        f":{KEY}",
        f"k 1:{KEY}",
        f"k١:{KEY}",
        f"{'k' * 33}:{KEY}",
        "k1:" + base64.b64encode(bytes(31)).decode(),
        "k1:not base64",
        "k1:é",
        f"k1:{KEY},",
        f"k1:{KEY},k1:{OTHER_KEY}",
    ],
    ids=ascii,
)
def test_a_vault_key_that_is_none_is_named_without_showing_it(value: str, folder: Path) -> None:
    env = read(folder, VAULT_KEYS=value)
    assert env.vault_keys()
    assert ids(env) == ["kit.E006"]
    told = str(env.problems)
    assert not any(secret in told for secret in (KEY, OTHER_KEY))


def test_vault_keys_come_newest_first(folder: Path) -> None:
    env = read(folder, VAULT_KEYS=f"k2:{OTHER_KEY}, k1:{KEY}")
    assert list(env.vault_keys().items()) == [("k2", b"o" * 32), ("k1", b"k" * 32)]
    assert env.problems == []


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    (folder / name).write_text(json.dumps(content))
