"""The operator door: what is asked, and what its answers and failures mean."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unavailable,
    VenueError,
)
from connect_portal.venue.types import Credentials, Environment
from tests.venue.scripted import CUT, DOWN, RESET, Reply, ScriptedVenue

ACCOUNTS = "/sandbox/v1/accounts"
KEYS = f"{ACCOUNTS}/447/keys"
ACCOUNT_MADE = Reply(b'{"uid":"447","label":"Alice"}')
KEY_MADE = Reply(
    b'{"apiKey":"k-1","secretKey":"S","passphrase":"Pass-1","perm":"read_only,trade","label":"a"}'
)


@pytest.fixture(autouse=True)
def _the_venue_is_the_sandbox(server: ScriptedVenue) -> Iterator[None]:
    with override_settings(
        VENUE_NAME="sandbox", VENUE_URL=server.base_url, SANDBOX_OPERATOR_KEY="op-key"
    ):
        yield


def test_an_account_is_opened_funded_and_given_a_key(server: ScriptedVenue) -> None:
    server.answers(ACCOUNTS, ACCOUNT_MADE)
    server.answers(f"{ACCOUNTS}/447/faucet", Reply(b"{}"))
    server.answers(KEYS, KEY_MADE)

    uid = sandbox_operator.open_account("demo-alice", "Alice")
    sandbox_operator.fund(uid, "demo-alice-usdt", "USDT", Decimal("1E+5"))
    key = sandbox_operator.create_key(
        uid, "a", "Pass-1", ["read_only", "trade"], ips=["127.0.0.1", "::1"]
    )

    assert key == Credentials("k-1", "S", "Pass-1")
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer op-key"}
    assert [json.loads(asked.body) for asked in server.asked] == [
        {"reference": "demo-alice", "label": "Alice"},
        {"reference": "demo-alice-usdt", "ccy": "USDT", "amt": "100000"},
        {
            "label": "a",
            "passphrase": "Pass-1",
            "perm": "read_only,trade",
            "ip": "127.0.0.1,::1",
        },
    ]


def test_an_account_is_pinned_to_a_fee_tier(server: ScriptedVenue) -> None:
    server.answers(f"{ACCOUNTS}/447/level", Reply(b'{"level":"VIP7"}'))
    sandbox_operator.set_level("447", "VIP7")
    (asked,) = server.asked
    assert (asked.method, json.loads(asked.body)) == ("POST", {"level": "VIP7"})


def test_a_code_is_given_out_at_its_rates(server: ScriptedVenue) -> None:
    server.answers(f"{ACCOUNTS}/447/broker", Reply(b'{"code":"ABCD"}'))
    sandbox_operator.set_broker(
        "447",
        "ABCD",
        rate=Decimal("0.25"),
        affiliated_rate=Decimal("0.050"),
        client_share=Decimal("1E-1"),
        valid_until=datetime(2026, 12, 1, tzinfo=UTC),
        report_delay=timedelta(seconds=1.5),
    )
    (asked,) = server.asked
    assert json.loads(asked.body) == {
        "code": "ABCD",
        "kind": "api",
        "rate": "0.25",
        "affiliated_rate": "0.050",
        "sub_share": "0",
        "client_share": "0.1",
        "valid_until": 1796083200000,
        "report_ms": 1500,
    }


def test_what_a_client_has_agreed_is_said_whole(server: ScriptedVenue) -> None:
    server.answers(f"{ACCOUNTS}/447/client", Reply(b"{}"))
    sandbox_operator.set_client("447", affiliated=True, affiliate_share=Decimal("0.4"))
    (asked,) = server.asked
    assert json.loads(asked.body) == {
        "affiliated": True,
        "affiliate_share": "0.4",
        "card_share": "0",
        "special_rate": False,
        "managed": False,
    }


def test_a_key_is_deleted_by_its_name(server: ScriptedVenue) -> None:
    server.answers(f"{KEYS}/k-1", Reply(b"", 204))
    sandbox_operator.delete_key("447", "k-1")
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("DELETE", f"{KEYS}/k-1")


def test_a_name_cannot_climb_to_another_address(server: ScriptedVenue) -> None:
    with pytest.raises(VenueError):
        sandbox_operator.delete_key("447", "../../448/keys/k-2?x=1")
    (asked,) = server.asked
    assert asked.target == f"{KEYS}/..%2F..%2F448%2Fkeys%2Fk-2%3Fx%3D1"


def test_the_keys_of_an_account_are_told_without_what_could_sign(server: ScriptedVenue) -> None:
    key = b'{"apiKey":"k-1","label":"bot","perm":"read_only,trade","ip":"127.0.0.1,10.0.0.0/8"}'
    plain = b'{"apiKey":"k-2","label":"","perm":"read_only","ip":""}'
    server.answers(f"{ACCOUNTS}/447", Reply(b'{"uid":"447","keys":[%s,%s]}' % (key, plain)))
    bot, other = sandbox_operator.keys("447")
    assert (bot.api_key, bot.permissions) == ("k-1", ["read_only", "trade"])
    assert (bot.ips, other.ips) == (["127.0.0.1", "10.0.0.0/8"], [])


def test_the_demo_environment_is_asked_for_by_its_header(server: ScriptedVenue) -> None:
    server.answers(ACCOUNTS, ACCOUNT_MADE, ACCOUNT_MADE)
    server.answers(f"{ACCOUNTS}/447/faucet", Reply(b"{}"))
    server.answers(KEYS, KEY_MADE)
    server.answers(f"{ACCOUNTS}/447", Reply(b'{"keys":[{"apiKey":"k-1","label":"a"}]}'))
    server.answers(f"{KEYS}/k-1", Reply(b"", 204))
    demo = Environment.DEMO
    sandbox_operator.open_account("demo-alice", "Alice", environment=demo)
    sandbox_operator.fund("447", "once", "USDT", Decimal(1), environment=demo)
    sandbox_operator.create_key("447", "a", "Pass-1", ["read_only"], environment=demo)
    sandbox_operator.delete_keys("447", "a", environment=demo)
    assert {asked.headers.get("x-simulated-trading") for asked in server.asked} == {"1"}
    sandbox_operator.open_account("alice", "Alice")
    assert "x-simulated-trading" not in server.asked[-1].headers


def test_an_account_is_told_in_the_sandboxs_own_words(server: ScriptedVenue) -> None:
    server.answers(f"{ACCOUNTS}/447", Reply(b'{"uid":"447","keys":[]}'))
    assert sandbox_operator.account("447") == {"uid": "447", "keys": []}


def test_the_business_clock_tells_its_time_and_how_far_it_was_moved(
    server: ScriptedVenue,
) -> None:
    server.answers("/sandbox/v1/clock", Reply(b'{"ts":1795341600123,"offset_ms":86400000}'))
    told = sandbox_operator.clock()
    assert told.now == datetime(2026, 11, 22, 10, 0, 0, 123_000, tzinfo=UTC)
    assert told.offset == timedelta(days=1)


def test_a_refusal_keeps_the_doors_own_words(server: ScriptedVenue) -> None:
    said = b'{"error":"no_such_account","detail":"There is no account with this uid."}'
    server.answers(f"{ACCOUNTS}/9", Reply(said, 404))
    with pytest.raises(Refused, match="There is no account with this uid") as refused:
        sandbox_operator.account("9")
    assert refused.value.venue_code == "no_such_account"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b'{"error":"no"}', 401), Refused),
        (Reply(b"{}", 429), Throttled),
        (DOWN, Unavailable),
        (RESET, Unavailable),
        (CUT, MalformedAnswer),
        (Reply(b'{"uid":447}'), MalformedAnswer),
        (Reply(b""), MalformedAnswer),
    ],
    ids=["refused", "busy", "down", "reset", "cut", "number", "empty"],
)
def test_a_call_with_a_reference_that_fails_says_how(
    server: ScriptedVenue, reply: Reply, kind: type[VenueError]
) -> None:
    server.answers(ACCOUNTS, reply)
    with pytest.raises(VenueError) as failed:
        sandbox_operator.open_account("demo-alice", "Alice")
    assert type(failed.value) is kind


@pytest.mark.parametrize(
    "reply", [DOWN, RESET, CUT, Reply(b"{}")], ids=["down", "reset", "cut", "no key in it"]
)
def test_a_key_whose_making_went_unheard_is_an_unknown_outcome(
    server: ScriptedVenue, reply: Reply
) -> None:
    server.answers(KEYS, reply)
    with pytest.raises(OutcomeUnknown):
        sandbox_operator.create_key("447", "a", "Pass-1", ["read_only"])


@pytest.mark.parametrize("setting", [{"VENUE_NAME": "okx"}, {"SANDBOX_OPERATOR_KEY": ""}])
def test_another_venue_has_no_operator_door(server: ScriptedVenue, setting: dict[str, str]) -> None:
    assert sandbox_operator.available()
    with override_settings(**setting):
        assert not sandbox_operator.available()
        with pytest.raises(Refused, match="no operator door"):
            sandbox_operator.open_account("demo-alice", "Alice")
    assert server.asked == []
