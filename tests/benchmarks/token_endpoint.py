"""Race: the token endpoint under 16 callers at once, against the library's own.

Each caller refreshes its own chain of tokens, one request after another over one connection; what
counts is the 99th percentile from request to whole answer. The yardstick is django-oauth-toolkit
as it comes (`stock_oauth`), which we stand on: same PostgreSQL, same server, as many threads. Ours
does more for each: it looks a secret's SHA-256 up, takes a lock, ends the pair before, keeps the
answer for the grace, and notes the use; the library keeps its client's secret in clear here.
"""

import http.client
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from connect_portal.authorizations.models import AccessToken, Client, RefreshToken
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.kit.clock import now
from connect_portal.kit.runtime.ports import HOST, answers_http, free_port
from tests import cast
from tests.authorizations.oauth import client_of, grant_without_a_venue
from tests.benchmarks.rounds import durability, in_turns, told
from tests.benchmarks.services import ROOT, web_process

CALLERS = 16
REFRESHES = 25
ROUNDS = 6


class Endpoint:
    """A token endpoint and the chains of its callers."""

    def __init__(self, port: int, client_id: str, secret: str, tokens: list[str]) -> None:
        self.port, self.tokens = port, tokens
        self.auth = b64encode(f"{client_id}:{secret}".encode()).decode()
        self.seen: list[float] = []

    def run(self, number: int) -> float:
        """The 99th percentile of one round, in milliseconds."""
        with ThreadPoolExecutor(CALLERS) as callers:
            took = [one for some in callers.map(self._chain, range(CALLERS)) for one in some]
        if number:
            self.seen += took
        return percentile(took, 99)

    def _chain(self, caller: int) -> list[float]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        took = []
        for _ in range(REFRESHES):
            form = {"grant_type": "refresh_token", "refresh_token": self.tokens[caller]}
            headers = {
                "Host": "localhost",
                "Authorization": f"Basic {self.auth}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            start = time.perf_counter()
            connection.request("POST", "/oauth/token/", urlencode(form), headers)
            answer = connection.getresponse()
            body = answer.read()
            took.append((time.perf_counter() - start) * 1_000)
            assert answer.status == 200, body
            self.tokens[caller] = json.loads(body)["refresh_token"]
        connection.close()
        return took


def races() -> Iterator[dict[str, Any]]:
    """The one."""
    client, secret = client_of(cast.institution("Gamma", code="GAMMAcode1"))
    tokens = [_refresh_token(client, number) for number in range(CALLERS)]
    with web_process() as port, stock() as peer:
        ours = Endpoint(port, client.client_id, secret, tokens)
        rounds = list(in_turns(ROUNDS, ours.run, peer.run))
    yield told(
        "token_endpoint_p99", "ms", "lower", rounds, goal=1.0, callers=CALLERS,
        ours_p50_p99=_spread(ours.seen), yardstick_p50_p99=_spread(peer.seen),
        refreshes_per_round=CALLERS * REFRESHES, clock="from the request to the whole answer",
        peer="django-oauth-toolkit, its own tables, no secret hash", database=durability(),
    )  # fmt: skip


@contextmanager
def stock() -> Iterator[Endpoint]:
    """The library's own endpoint, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.stock_oauth", str(port), str(CALLERS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdout
        try:
            made = json.loads(peer.stdout.readline())
            while not answers_http(port):
                time.sleep(0.05)
            yield Endpoint(port, made["client_id"], made["client_secret"], made["tokens"])
        finally:
            peer.terminate()


def _refresh_token(client: Client, number: int) -> str:
    grant = grant_without_a_venue(cast.person(f"Caller{number}"), client, number)
    access = AccessToken.objects.create(
        grant=grant,
        application=client,
        token_checksum=checksum(f"access {number}"),
        scope="read_only",
        expires=now(),
    )
    RefreshToken.objects.create(
        grant=grant,
        application=client,
        token_checksum=checksum(f"refresh {number}"),
        access_token=access,
        token_family=uuid4(),
    )
    return f"refresh {number}"


def percentile(values: list[float], which: int) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * which // 100)]


def _spread(values: list[float]) -> list[float]:
    return [round(percentile(values, which), 2) for which in (50, 99)]
