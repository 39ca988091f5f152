"""The programs on the pages of an institution: each runs as it is shown, and its order arrives."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from oauth2_provider.models import get_refresh_token_model

from connect_portal.authorizations.actions import make_secret
from connect_portal.authorizations.models import Grant
from connect_portal.authorizations.oauth.generators import refresh_token
from connect_portal.institutions import snippets
from connect_portal.institutions.models import Institution
from connect_portal.institutions.snippets import LANGUAGES
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from tests import cast
from tests.gateway.conftest import token_for
from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.signing import signed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.npm]

PROGRAMS = {
    "curl": ("program.sh", [shutil.which("bash") or "bash"]),
    "python": ("program.py", [sys.executable]),
    "javascript": ("program.mjs", [shutil.which("node") or "node"]),
}
CODE = "ACMEcode1"

Run = Callable[..., Any]


@pytest.fixture
def run(portal: str, exchange: Sandbox, tmp_path: Path) -> Run:
    """Run a snippet with this in its environment; what it printed."""

    def go(word: str, language: str, client_id: str = "", **environment: str) -> Any:
        with override_settings(PUBLIC_URL=portal.replace("127.0.0.1", "localhost")):
            shown = snippets.groups(["api", "oauth"], code=CODE, client_id=client_id)
        (text,) = [
            snippet.text
            for group in shown
            for snippet in group.snippets
            if snippet.word == f"{word}-{language}"
        ]
        file, command = PROGRAMS[language]
        (tmp_path / file).write_text(text)
        ran = subprocess.run(
            [*command, file],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return go


def tag_at(exchange: Sandbox, trader: Trader, order_id: str) -> str:
    """The tag that the exchange knows of an order."""
    target = f"/api/v5/trade/order?instId=BTC-USDT&ordId={order_id}"
    (order,) = signed(exchange, trader, "GET", target).json()["data"]
    return str(order["tag"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_signed_order_arrives_at_the_exchange_with_the_code(
    run: Run, exchange: Sandbox, trader: Trader, language: str
) -> None:
    said = run(
        "signed",
        language,
        KEY=trader.api_key,
        SECRET=trader.secret,
        PASSPHRASE=trader.passphrase,
    )
    assert said["code"] == "0", said
    assert tag_at(exchange, trader, said["data"][0]["ordId"]) == CODE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_order_with_a_token_arrives_through_the_gateway_with_the_code(
    run: Run, exchange: Sandbox, trader: Trader, grant: Grant, language: str
) -> None:
    said = run("bearer", language, ACCESS_TOKEN=token_for(grant))
    assert said["code"] == "0", said
    assert tag_at(exchange, trader, said["data"][0]["ordId"]) == CODE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_refresh_gets_the_next_pair(run: Run, grant: Grant, language: str) -> None:
    secret = make_secret(grant.institution_id, actor=cast.ACTOR)
    token = refresh_token(None)
    tokens = get_refresh_token_model().objects
    tokens.create(grant=grant, application=grant.client, token=token, created=now())
    client_id = grant.client.client_id
    said = run("refresh", language, client_id, REFRESH_TOKEN=token, CLIENT_SECRET=secret)
    assert {"access_token", "refresh_token"} <= set(said), said
    assert said["refresh_token"] != token


@pytest.mark.parametrize("page", ["access", "guide"])
def test_the_pages_show_them_with_the_own_code(
    client: Client, acme: Institution, ada: Person, page: str
) -> None:
    cast.sign_in(client, ada)
    said = unescape(client.get(f"/institution/{acme.slug}/{page}/").content.decode())
    for group in snippets.groups(["api", "oauth"], code=CODE):
        for snippet in group.snippets:
            assert snippet.text in said
            assert f'data-copy="{snippet.word}"' in said
