"""Brokers and clients at the operator door: what may be said, and how the account then reads."""

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import OPERATOR_KEY, Sandbox

CODE = {"kind": "api", "rate": "0.25", "affiliated_rate": "0.05"}


def say(sandbox: Sandbox, uid: str, what: str, body: Any) -> requests.Response:
    url = f"{sandbox.base_url}/sandbox/v1/accounts/{uid}/{what}"
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    return requests.post(url, json=body, headers=headers, timeout=10)


def test_an_account_reads_with_its_codes_and_what_it_has_agreed(sandbox: Sandbox) -> None:
    acme = sandbox.trader("Acme at the door").uid
    body = CODE | {"code": "DoorA", "client_share": "0.125", "valid_until": 1900000000000}
    agreed = say(sandbox, acme, "broker", body).json()
    assert agreed == {
        "code": "DoorA",
        "kind": "api",
        "rate": "0.25",
        "affiliated_rate": "0.05",
        "sub_share": "0",
        "client_share": "0.125",
        "monthly_cap": "100000",
        "valid_until": 1900000000000,
        "report_ms": 30000,
    }
    told = say(sandbox, acme, "client", {"affiliated": True, "affiliate_share": "0.4"}).json()
    account = sandbox.operate("GET", f"/accounts/{acme}")
    assert account["brokers"] == [agreed]
    assert account["client"] == told
    assert told == {
        "affiliated": True,
        "affiliate_share": "0.4",
        "card_share": "0",
        "special_rate": False,
        "managed": False,
    }


@pytest.mark.parametrize(
    ("what", "body", "error"),
    [
        ("broker", CODE, "bad_parameter"),
        ("broker", CODE | {"code": "A-B"}, "51000"),
        ("broker", CODE | {"code": "DoorB", "kind": "dma"}, "51000"),
        ("broker", CODE | {"code": "DoorB", "rate": "1.1"}, "bad_parameter"),
        ("broker", CODE | {"code": "DoorB", "rate": "0.0000000001"}, "bad_parameter"),
        ("broker", CODE | {"code": "DoorB", "rate": 0.25}, "bad_parameter"),
        ("broker", CODE | {"code": "DoorB", "rate": "-0.1"}, "bad_parameter"),
        ("broker", CODE | {"code": "DoorB", "monthly_cap": "much"}, "bad_parameter"),
        ("broker", CODE | {"code": "DoorB", "valid_until": "1e3"}, "bad_parameter"),
        ("broker", CODE | {"code": "DoorB", "valid_until": "9" * 17}, "bad_parameter"),
        ("broker", CODE | {"code": "DoorB", "report_ms": -1}, "51000"),
        ("client", {"managed": "yes"}, "bad_parameter"),
        ("client", {"affiliate_share": "0.4"}, "51000"),
        ("level", {"level": "VIP10"}, "51000"),
        ("level", {"level": 7}, "bad_parameter"),
    ],
)
def test_what_cannot_be_agreed_is_refused_in_words(
    sandbox: Sandbox, what: str, body: Any, error: str
) -> None:
    uid = sandbox.trader("refused at the door").uid
    answer = say(sandbox, uid, what, body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["detail"]


@pytest.mark.parametrize("uid", ["0", "house"])
def test_only_a_users_account_can_be_a_broker(sandbox: Sandbox, uid: str) -> None:
    answer = say(sandbox, uid, "broker", CODE | {"code": "DoorC"})
    assert (answer.status_code, answer.json()["error"]) == (404, "no_such_account")


def test_a_code_that_somebody_has_is_refused(sandbox: Sandbox) -> None:
    body = CODE | {"code": "DoorD"}
    acme, zenith = (sandbox.trader(f"{name} at the door").uid for name in ("Acme", "Zenith"))
    assert say(sandbox, acme, "broker", body).status_code == 200
    answer = say(sandbox, zenith, "broker", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "50071")
