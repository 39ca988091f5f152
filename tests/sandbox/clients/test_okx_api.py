"""okx-api from npm, unmodified, against the live sandbox."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader

HERE = Path(__file__).parent / "npm"
OWN_TAG = "159881cb7207BCDE"
"""The library puts its own code into every private request, whatever the caller says."""

pytestmark = pytest.mark.npm


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs with their locked packages installed beside them."""
    folder = tmp_path_factory.mktemp("npm") / "programs"
    shutil.copytree(HERE, folder)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True, timeout=120)
    return folder


def run(program: Path, sandbox: Sandbox, trader: Trader, demo: str = "0") -> dict[str, Any]:
    """What a program saw."""
    done = subprocess.run(
        ["node", str(program)],
        env=os.environ
        | {
            "SANDBOX_URL": sandbox.base_url,
            "SANDBOX_WS_URL": sandbox.ws_url,
            "API_KEY": trader.api_key,
            "SECRET": trader.secret,
            "PASSPHRASE": trader.passphrase,
            "DEMO": demo,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def test_it_trades_and_its_own_tag_overwrites_the_connect_code(
    programs: Path, moving_sandbox: Sandbox
) -> None:
    trader = moving_sandbox.trader("node", USDT="100000")
    seen = run(programs / "trade.mjs", moving_sandbox, trader)
    assert "BTC-USDT" in seen.pop("pairs")
    assert seen == {
        "bids": 5,
        "candles": 10,
        "permissions": "read_only,trade",
        "open": "live",
        "tag": OWN_TAG,
        "amended": ["0.02"],
        "canceled": "canceled",
        "kinds": {
            "post_only at 94000": "canceled",
            "ioc at 50000": "canceled",
            "fok at 50000": "canceled",
            "fok at 94000": "filled",
        },
        "market": "filled",
        "fillFeeCcy": "BTC",
        "history": 2,
        "batch": ["0", "0"],
        "waiting": [True],
        "waitingLater": 0,
        "refusals": {
            "too little money": "51008",
            "unknown pair": "51001",
            "unknown order": "51603",
        },
    }


def test_its_demo_option_means_the_demo_environment(
    programs: Path, moving_sandbox: Sandbox
) -> None:
    trader = moving_sandbox.trader("node in demo", demo=True, ETH="1")
    seen = run(programs / "trade.mjs", moving_sandbox, trader, demo="1")
    assert seen == {"currencies": ["ETH"]}


def test_it_listens_and_trades_over_websocket(programs: Path, moving_sandbox: Sandbox) -> None:
    trader = moving_sandbox.trader("node listening", USDT="100000")
    seen = run(programs / "stream.mjs", moving_sandbox, trader)
    assert seen["pushes"][:3] == ["live", "live", "canceled"]
    assert seen["pushes"][-1] == "filled"
    assert (seen["ticker"], seen["tag"]) == ("BTC-USDT", OWN_TAG)
    assert (seen["amended"], seen["canceled"]) == ("0", "0")
