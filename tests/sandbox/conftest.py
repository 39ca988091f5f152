"""A live sandbox exchange as its own process, and people with funded accounts and keys on it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

pytest.register_assert_rewrite("tests.sandbox.envelopes")

ROOT = Path(__file__).parents[2]
OPERATOR_KEY = "operator-key-of-the-tests"
PASSPHRASE = "Correct-Horse-9"


class Stranger(HTTPAdapter):
    """Calls from an address that nobody has called from lately: public limits are per address."""

    numbers = cycle(range(2, 250))

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(
            *args, source_address=(f"127.0.0.{next(self.numbers)}", 0), **options
        )


@dataclass(frozen=True)
class Trader:
    """An account on the sandbox and one key of it."""

    uid: str
    api_key: str
    secret: str
    passphrase: str = PASSPHRASE


@dataclass
class Sandbox:
    """A running exchange: its addresses and its operator door."""

    folder: Path
    child: "subprocess.Popen[str]"
    base_url: str
    operator_key: str = OPERATOR_KEY

    @property
    def ws_url(self) -> str:
        return self.base_url.replace("http", "ws", 1) + "/ws/v5"

    def operate(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, demo: bool = False
    ) -> Any:
        """Call the operator door, of the demo environment if asked; it must be a success."""
        response = requests.request(
            method,
            f"{self.base_url}/sandbox/v1{path}",
            json=body,
            headers={
                "Authorization": f"Bearer {self.operator_key}",
                "x-simulated-trading": "1" if demo else "0",
            },
            timeout=10,
        )
        assert response.status_code == 200, response.text
        return response.json()

    def trader(
        self,
        name: str,
        perm: str = "read_only,trade",
        ip: str = "",
        demo: bool = False,
        **money: str,
    ) -> Trader:
        """An account holding `money` (currency -> amount) with one key."""
        person = {"reference": name, "label": name}
        uid = self.operate("POST", "/accounts", person, demo=demo)["uid"]
        for ccy, amt in money.items():
            body = {"reference": f"first {ccy}", "ccy": ccy, "amt": amt}
            self.operate("POST", f"/accounts/{uid}/faucet", body, demo=demo)
        body = {"label": "test", "passphrase": PASSPHRASE, "perm": perm, "ip": ip}
        key = self.operate("POST", f"/accounts/{uid}/keys", body, demo=demo)
        return Trader(uid, key["apiKey"], key["secretKey"])

    def public(self, path: str) -> Any:
        """An unsigned GET, each time from another address of this machine; the whole envelope."""
        with requests.Session() as session:
            session.mount("http://", Stranger())
            return session.get(f"{self.base_url}/api/v5/{path}", timeout=10).json()


def start_sandbox(
    folder: Path,
    *options: str,
    module: str = "connect_portal.sandbox.serve",
    before: Callable[[], None] | None = None,
) -> Sandbox:
    """Start the exchange as a process on a free port and wait until it listens.

    The process does first what `before` says.
    """
    command = [sys.executable, "-m", module]
    child = subprocess.Popen(
        [*command, str(folder), "0", OPERATOR_KEY, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )
    assert child.stdout is not None
    address = child.stdout.readline().split()[-1]
    return Sandbox(folder, child, address)


def stop_sandbox(sandbox: Sandbox) -> int:
    """Ask it to end and wait; its exit status."""
    sandbox.child.terminate()
    status = sandbox.child.wait(20)
    assert sandbox.child.stdout is not None
    sandbox.child.stdout.close()
    return status


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One exchange with a quiet market for all tests; each test makes its own traders."""
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), "quiet")
    yield running
    assert stop_sandbox(running) == 0


@pytest.fixture(scope="module")
def fresh_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A quiet exchange whose books nobody but the tests of one file has touched."""
    running = start_sandbox(tmp_path_factory.mktemp("fresh"), "quiet")
    yield running
    assert stop_sandbox(running) == 0


@pytest.fixture(scope="session")
def moving_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """An exchange with its market maker."""
    running = start_sandbox(tmp_path_factory.mktemp("moving"))
    yield running
    assert stop_sandbox(running) == 0


@pytest.fixture
def make_trader(sandbox: Sandbox, request: pytest.FixtureRequest) -> Callable[..., Trader]:
    """Traders with names that belong to this test alone."""

    def make(name: str, **options: str) -> Trader:
        return sandbox.trader(f"{request.node.nodeid} {name}"[-100:], **options)

    return make
