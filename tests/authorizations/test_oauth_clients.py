"""Whole exchanges with foreign clients, unmodified and strict: openid-client from npm, Authlib."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO, Any

import pytest

from connect_portal.authorizations.models import Client, Grant
from tests.authorizations.oauth import CALLBACK, CLIENT_ID, VERIFIER, Browser, Program, works

HERE = Path(__file__).parent / "npm"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs with their locked packages installed beside them."""
    folder = tmp_path_factory.mktemp("npm") / "programs"
    shutil.copytree(HERE, folder)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True, timeout=120)
    return folder


def play(programs: Path, program: Program, visitor: Browser, **how: str) -> dict[str, Any]:
    """What openid-client got by a whole exchange, in which Alice allows what it asks."""
    settings = {
        "ISSUER": program.site,
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": program.secret or "",
        "REDIRECT_URI": CALLBACK,
    }
    with subprocess.Popen(
        ["node", str(programs / "exchange.mjs")],
        env=os.environ | settings | how,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as node:
        assert node.stdin
        assert node.stdout
        url = said(node.stdout)["url"]
        choice = {"decision": "allow", "scopes": ["read_only", "trade"], "days": "90"}
        back = visitor.send(url.removeprefix(program.site), choice).headers["Location"]
        node.stdin.write(back + "\n")
        node.stdin.flush()
        got = said(node.stdout)
    assert node.returncode == 0
    return got | {"url": url}


def said(output: IO[str]) -> dict[str, Any]:
    """The next line of a program."""
    found: dict[str, Any] = json.loads(output.readline())
    return found


@pytest.mark.npm
@pytest.mark.parametrize("pushed", ["", "1"])
@pytest.mark.parametrize("bound", ["", "1"])
@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_openid_client_gets_uses_renews_and_gives_back_tokens(
    programs: Path, program: Program, visitor: Browser, kind: str, bound: str, pushed: str
) -> None:
    if kind == "public":
        Client.objects.update(client_type=Client.CLIENT_PUBLIC)
        program.secret = None
    if pushed:
        Client.objects.update(par_required=True)
    if bound:
        Client.objects.update(dpop_required=True)
    got = play(programs, program, visitor, PUSHED=pushed, BOUND=bound)
    token_type = "dpop" if bound else "bearer"  # it spells them in small letters
    assert ("request_uri=" in got["url"]) == bool(pushed)
    assert got["first"] == {"type": token_type, "scope": "read_only trade", "expires_in": 3600}
    assert (got["type"], got["changed"]) == (token_type, True)
    assert got["balance"] == [200, "0"]
    if kind == "confidential":
        name = "DPoP" if bound else "Bearer"
        assert got["told"] == {"active": True, "bound": bool(bound), "type": name}
        assert got["details"] == [[{"type": "connect_trading", "days": 90}]] * 2
        assert got["gone"] is False
    assert Grant.objects.get().ended_by == "institution"


def test_authlib_pushes_its_request_and_redeems_what_comes_back(
    visitor: Browser, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with program.authlib() as client:
        url, state = client.create_authorization_url(
            f"{program.site}/oauth/authorize/", code_verifier=VERIFIER
        )
        _, _, query = url.partition("?")
        auth = client.client_auth(client.token_endpoint_auth_method)
        pushed = client.post(
            f"{program.site}/oauth/par/",
            data=query,
            auth=auth,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            withhold_token=True,
        ).json()
        path = client.create_authorization_url(
            "/oauth/authorize/", request_uri=pushed["request_uri"]
        )[0]
        answer = visitor.allow(path)
        token = client.fetch_token(
            f"{program.site}/oauth/token/",
            authorization_response=f"{CALLBACK}?code={answer['code']}&state={state}",
            code_verifier=VERIFIER,
            state=state,
        )
    assert works(token)
