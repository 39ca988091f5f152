"""Many at once, and twice by honest mistake: codes and refresh tokens on real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Final

import pytest
import redis
import requests
from django.db import connection, transaction

from connect_portal.authorizations.models import AuthorizationCode, Grant
from connect_portal.authorizations.oauth import locks
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.kit import memory
from connect_portal.kit.clock import now
from tests.authorizations.oauth import (
    CALLBACK,
    CHALLENGE,
    Browser,
    Program,
    a_while_later,
    works,
)

pytestmark = pytest.mark.django_db(transaction=True)

CALLERS: Final = 8
ROUNDS: Final = 30


# --- at the very same moment --------------------------------------------------------------------


def test_of_redemptions_that_wait_for_each_other_one_wins_and_its_tokens_live(
    visitor: Browser, program: Program
) -> None:
    code = visitor.allow()["code"]
    answers = all_waiting(lambda: program.redeem(code), held=code)
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * (CALLERS - 1)
    (won,) = [answer.json() for answer in answers if answer.ok]
    assert works(won)


def test_refreshes_that_wait_for_each_other_get_the_same_pair(
    program: Program, pair: dict[str, str]
) -> None:
    secret = pair["refresh_token"]
    answers = all_waiting(lambda: program.refresh(secret), held=secret)
    (newer,) = {answer.text for answer in answers}
    assert works(answers[0].json())
    assert "access_token" in newer


@pytest.mark.timeout(600)
def test_of_parallel_redemptions_exactly_one_wins_in_every_round(
    visitor: Browser, program: Program
) -> None:
    visitor.allow()
    grant, kept = Grant.objects.get(), Grant.objects.values("sealed_credentials").get()
    for number in range(ROUNDS):
        # Whoever comes when the answer was given is a replay, and the grant ends for it.
        standing = {"state": "active", "ended_at": None, "ended_by": ""}
        Grant.objects.update(**standing, **kept)
        redeem = partial(program.redeem, code_of(grant, f"code {number}"))
        statuses = [answer.status_code for answer in free_for_all(redeem)]
        assert sorted(statuses) == [200] + [400] * (CALLERS - 1)


@pytest.mark.timeout(600)
def test_parallel_refreshes_get_one_pair_in_every_round(
    program: Program, pair: dict[str, str]
) -> None:
    for _ in range(ROUNDS):
        answers = free_for_all(partial(program.refresh, pair["refresh_token"]))
        assert [answer.status_code for answer in answers] == [200] * CALLERS
        pair = answers[0].json()
        assert {answer.json()["access_token"] for answer in answers} == {pair["access_token"]}
        assert works(pair)


# --- a little later -----------------------------------------------------------------------------


def test_an_answer_that_was_lost_on_the_way_is_given_again(
    program: Program, pair: dict[str, str]
) -> None:
    lost = program.refresh(pair["refresh_token"])
    again = program.refresh(pair["refresh_token"])
    assert (again.status_code, again.json()) == (200, lost.json())
    assert "no-store" in again.headers["Cache-Control"]
    assert works(again.json())


def test_the_answer_lies_nowhere_in_the_open(program: Program, pair: dict[str, str]) -> None:
    newer = program.refresh(pair["refresh_token"]).json()
    server = memory._connected()
    kept = [server.get(name) for name in server.keys("memory:refresh:*")]
    assert kept
    for secret in (newer["access_token"], newer["refresh_token"], pair["refresh_token"]):
        assert secret.encode() not in b"".join([*kept, *server.keys("*")])


def test_after_the_grace_a_replay_ends_the_grant(program: Program, pair: dict[str, str]) -> None:
    newer = program.refresh(pair["refresh_token"]).json()
    a_while_later()
    answer = program.refresh(pair["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not works(newer)
    assert Grant.objects.get().ended_by == "replay"


def test_grace_is_for_the_token_before_and_none_older(
    program: Program, pair: dict[str, str]
) -> None:
    second = program.refresh(pair["refresh_token"]).json()
    third = program.refresh(second["refresh_token"]).json()
    assert program.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert not works(third)


def test_grace_is_for_the_tokens_own_client(
    program: Program, rival_server: Program, pair: dict[str, str]
) -> None:
    newer = program.refresh(pair["refresh_token"]).json()
    assert rival_server.refresh(pair["refresh_token"]).json() == {"error": "invalid_grant"}
    assert works(newer)


def test_grace_ends_with_the_grant(program: Program, pair: dict[str, str]) -> None:
    program.refresh(pair["refresh_token"])
    Grant.objects.update(expires_at=now() + timedelta(seconds=-1))
    assert program.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_without_redis_there_is_no_grace_and_no_fault(
    program: Program, pair: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_server", redis.Redis.from_url("redis://127.0.0.1:9/0"))
    newer = program.refresh(pair["refresh_token"])
    assert newer.status_code == 200
    again = program.refresh(pair["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


# --- how many come at once ----------------------------------------------------------------------


def code_of(grant: Grant, text: str) -> str:
    """A fresh code of a grant, for VERIFIER."""
    AuthorizationCode.objects.create(
        grant=grant,
        application=grant.client,
        code=checksum(text),
        expires=now() + timedelta(minutes=1),
        redirect_uri=CALLBACK,
        scope=" ".join(grant.scopes),
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
    )
    return text


def free_for_all(call: Callable[[], requests.Response]) -> list[requests.Response]:
    """Make a call from all callers, let go together."""
    start = Barrier(CALLERS)

    def called() -> requests.Response:
        start.wait()
        return call()

    with ThreadPoolExecutor(CALLERS) as callers:
        return [answer.result() for answer in [callers.submit(called) for _ in range(CALLERS)]]


def all_waiting(call: Callable[[], requests.Response], *, held: str) -> list[requests.Response]:
    """Make a call from all callers while somebody holds the secret; let go when all wait."""
    with ThreadPoolExecutor(CALLERS) as callers:
        with transaction.atomic():
            locks.claim(held)
            answers = [callers.submit(call) for _ in range(CALLERS)]
            with connection.cursor() as cursor:
                waiting = 0
                while waiting < CALLERS:
                    cursor.execute(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                    )
                    (waiting,) = cursor.fetchone()
        return [answer.result() for answer in answers]
