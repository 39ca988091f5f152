"""okx-api from npm, unmodified, against the live sandbox."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import Sandbox, Trader

HERE = Path(__file__).parent / "npm"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with its locked packages installed beside it."""
    folder = tmp_path_factory.mktemp("npm") / "program"
    shutil.copytree(HERE, folder)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True, timeout=120)
    return folder / "trade.mjs"


@pytest.mark.npm
def test_it_trades_and_its_own_tag_overwrites_the_connect_code(
    program: Path, sandbox: Sandbox, make_trader: Callable[..., Trader]
) -> None:
    trader = make_trader("node", USDT="1000")
    done = subprocess.run(
        ["node", str(program)],
        env=os.environ
        | {
            "SANDBOX_URL": sandbox.base_url,
            "API_KEY": trader.api_key,
            "SECRET": trader.secret,
            "PASSPHRASE": trader.passphrase,
            "TAG": "ACMEcode1",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    seen = json.loads(done.stdout)
    assert "BTC-USDT" in seen["pairs"]
    assert seen["currencies"] == ["USDT"]
    assert (seen["state"], seen["canceled"]) == ("live", "0")
    # The library puts its own code into every private request, whatever the caller says.
    assert seen["tag"] == "159881cb7207BCDE"
