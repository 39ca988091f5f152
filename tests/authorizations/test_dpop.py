"""Proofs of possession (RFC 9449, 4.3), one rule after another."""

import base64
import json
import time
from typing import Any

import pytest
import redis

from connect_portal.authorizations.errors import ProofRefused
from connect_portal.authorizations.oauth.dpop import ALGORITHMS, WINDOW, check_proof
from connect_portal.kit import memory
from tests.authorizations.keys import Holder

URL = "https://portal.example/api/v5/trade/order"
TOKEN = "cxat_token"


def check(proof: str, **changes: Any) -> str:
    """Ask about a call to URL with TOKEN, changed."""
    return check_proof(proof, **({"method": "POST", "url": URL, "token": TOKEN} | changes))


def refused(proof: str, **changes: Any) -> str:
    """Why a proof is refused."""
    with pytest.raises(ProofRefused) as refusal:
        check(proof, **changes)
    return str(refusal.value)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_right_proof_of_each_algorithm_names_its_key(algorithm: str) -> None:
    holder = Holder(algorithm)
    assert check(holder.proof("POST", URL, TOKEN), jkt=holder.jkt) == holder.jkt


def test_without_a_token_none_is_named() -> None:
    holder = Holder()
    assert check(holder.proof("POST", URL), token="") == holder.jkt


@pytest.mark.parametrize(
    "called",
    [
        f"{URL}?instId=BTC-USDT#f",
        "https://portal.example:443/api/v5/trade/order",
        "https://PORTAL.example/api/v5/trade/order",
    ],
)
def test_query_fragment_and_the_way_a_host_is_written_do_not_count(called: str) -> None:
    holder = Holder()
    assert check(holder.proof("POST", called, TOKEN)) == holder.jkt
    assert check(holder.proof("POST", URL, TOKEN), url=called) == holder.jkt


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"htm": "GET"}, "another method"),
        ({"htm": "post"}, "another method"),
        ({"htm": None}, "another method"),
        ({"htu": URL + "/"}, "another address"),
        ({"htu": "http://portal.example/api/v5/trade/order"}, "another address"),
        ({"htu": "https://portal.example:8443/api/v5/trade/order"}, "another address"),
        ({"htu": "https://portal.example:http/"}, "Port"),
        ({"htu": None}, "no address"),
        ({"iat": None}, "when it was made"),
        ({"iat": "now"}, "when it was made"),
        ({"iat": True}, "when it was made"),
        ({"iat": float("nan")}, "when it was made"),
        ({"iat": 0}, "too old"),
        ({"iat": 10**400}, "too old"),
        ({"ath": None}, "another token"),
        ({"ath": "é"}, "another token"),
        ({"ath": "x" * 43}, "another token"),
        ({"jti": None}, "no number"),
        ({"jti": ""}, "no number"),
        ({"jti": 7}, "no number"),
        ({"jti": "x" * 257}, "no number"),
    ],
)
def test_a_claim_that_is_wrong_or_missing_is_refused(claims: dict[str, Any], why: str) -> None:
    assert why in refused(Holder().proof("POST", URL, TOKEN, **claims))


@pytest.mark.parametrize("seconds", [-WINDOW - 2, WINDOW + 2])
def test_a_proof_from_another_minute_is_refused(seconds: int) -> None:
    proof = Holder().proof("POST", URL, TOKEN, iat=int(time.time()) + seconds)
    assert "too old" in refused(proof)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"typ": "JWT"}, "dpop+jwt"),
        ({"typ": None}, "dpop+jwt"),
        ({"jwk": None}, "no public key"),
    ],
)
def test_a_header_that_is_wrong_is_refused(header: dict[str, Any], why: str) -> None:
    assert why in refused(Holder().proof("POST", URL, TOKEN, header=header))


def test_a_proof_is_taken_once() -> None:
    proof = Holder().proof("POST", URL, TOKEN)
    check(proof)
    assert "used before" in refused(proof)


def test_a_proof_is_taken_once_while_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_server", redis.Redis.from_url("redis://127.0.0.1:9/0"))
    proof = Holder().proof("POST", URL, TOKEN)
    check(proof)
    assert "used before" in refused(proof)


def test_another_key_is_refused() -> None:
    assert "another key" in refused(Holder().proof("POST", URL, TOKEN), jkt=Holder().jkt)


def test_the_key_of_another_in_the_header_is_refused() -> None:
    public = Holder().key.as_dict(private=False)
    forged = Holder().proof("POST", URL, TOKEN, header={"jwk": public})
    assert "signature" in refused(forged)


def test_a_private_key_in_the_header_is_refused() -> None:
    holder = Holder()
    shown = holder.key.as_dict(private=True)
    assert "no public key" in refused(holder.proof("POST", URL, TOKEN, header={"jwk": shown}))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES512", "", None, 7])
def test_an_algorithm_that_is_not_announced_is_refused(algorithm: object) -> None:
    head, claims, signature = Holder().proof("POST", URL, TOKEN).split(".")
    changed = json.loads(base64.urlsafe_b64decode(head + "==")) | {"alg": algorithm}
    text = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    assert "algorithm" in refused(f"{text}.{claims}.{signature}")


@pytest.mark.parametrize(
    ("changes", "algorithm"),
    [
        ({"kty": "RSA"}, "ES256"),
        ({"crv": "P-384"}, "ES256"),
        ({"x": "AA"}, "ES256"),
        ({"x": None}, "ES256"),
        ({"x": 7}, "ES256"),
        ({"crv": "X25519"}, "EdDSA"),
        ({"x": "AA"}, "EdDSA"),
        ({"n": "AQAB"}, "RS256"),
        ({"n": "_" * 4_000}, "RS256"),
        ({"e": "_" * 400}, "PS256"),
        ({"kty": None}, "RS256"),
    ],
)
def test_a_key_that_is_not_one_is_refused(changes: dict[str, Any], algorithm: str) -> None:
    holder = Holder(algorithm)
    shown = holder.key.as_dict(private=False) | changes
    assert "signature" in refused(holder.proof("POST", URL, TOKEN, header={"jwk": shown}))


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b.c", "é.é.é", "e30.e30.", "W10.W10.W10", "e30.e30.e30.e30", "x" * 9_000],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    assert "DPoP proof refused" in refused(text)


def test_a_signature_over_something_else_is_refused() -> None:
    holder = Holder()
    head, _, signature = holder.proof("POST", URL, TOKEN).split(".")
    _, claims, _ = holder.proof("POST", URL, TOKEN).split(".")
    assert "signature" in refused(f"{head}.{claims}.{signature}")
