"""Fast API: with a token of that scope an institution has its one key made, and deleted.

https://www.okx.com/docs-v5/broker_en/#fast-api. The key signs straight to the venue; nothing that
it does passes here.
"""

import ipaddress
import json
import re
from typing import Any, Final

from connect_portal.authorizations.actions import FastKey, delete_fast_key, make_fast_key
from connect_portal.authorizations.errors import OkxRefusal, TokenRefused
from connect_portal.authorizations.queries import fast_bearer
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.wire import answers
from connect_portal.gateway.wire.calls import Call
from connect_portal.gateway.wire.carriers import check
from connect_portal.gateway.wire.means import Means
from connect_portal.kit.databases import in_database
from connect_portal.venue.types import PERMISSION_READ, PERMISSION_TRADE

LONGEST_LABEL: Final = 50
PASSPHRASE_LENGTHS: Final = range(8, 33)
MOST_ADDRESSES: Final = 20
_MIXED: Final = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[^A-Za-z0-9])[!-~]+", re.ASCII)
"""Both cases, a digit and a special character, and nothing that a header cannot carry."""

Fields = dict[str, Any]


async def carry_out(means: Means, call: Call) -> answers.Answer:
    """Make the key, or delete it. Raises Refused for the token and for who brings it."""
    try:
        bearer = await in_database(fast_bearer)(call.token)
    except TokenRefused as refused:
        raise Refused(refused.venue_code, *refused.details.values()) from refused
    if call.carrier is not None:
        await check(bearer, call.token, call.carrier)
    if call.is_simulated:
        raise Refused("50101")
    await means.rates.take(f"grant:{bearer.grant_id}", call.endpoint.rate)
    return await in_database(_act)(call, bearer.grant_id)


def _act(call: Call, grant_id: int) -> answers.Answer:
    actor = f"grant:{grant_id}"
    try:
        if call.target.endswith("/delete-apikey"):
            delete_fast_key(grant_id, actor=actor)
            return answers.compact({"code": "0", "data": [{"result": True}]})
        return _make(call, grant_id, actor)
    except OkxRefusal as refusal:
        body = {"code": refusal.number, "data": [], "msg": refusal.text}
        return answers.compact(body, refusal.status)


def _make(call: Call, grant_id: int, actor: str) -> answers.Answer:
    given = _object(call.body)
    wanted = FastKey(
        label=_label(given),
        passphrase=_passphrase(given),
        permissions=_permissions(given),
        ips=_addresses(given),
        binds_app=_bind_app(given),
    )
    made = make_fast_key(grant_id, wanted, actor=actor)
    row = {
        "label": wanted.label,
        "apiKey": made.api_key,
        "secretKey": made.secret,
        "passphrase": made.passphrase,
        "perm": ",".join(sorted(wanted.permissions)),
        "bindApp": wanted.binds_app,
    }
    return answers.compact({"code": "0", "data": [row], "msg": ""})


def _object(body: bytes) -> Fields:
    try:
        pairs = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise OkxRefusal("53010", "body") from error
    if not isinstance(pairs, dict):
        raise OkxRefusal("53010", "body")
    return pairs


def _once(pairs: list[tuple[str, Any]]) -> Fields:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name came twice")
    return dict(pairs)


def _text(given: Fields, name: str) -> str:
    """A text of the request; "" for what is absent, empty or null."""
    value = given.get(name)
    if value is None:
        return ""
    if not (isinstance(value, str) and value.isprintable()):
        raise OkxRefusal("53010", name)
    return value


def _wanted(given: Fields, name: str) -> str:
    value = _text(given, name)
    if not value:
        raise OkxRefusal("53011", name)
    return value


def _label(given: Fields) -> str:
    label = _wanted(given, "label")
    if len(label) > LONGEST_LABEL:
        raise OkxRefusal("53015", "label")
    return label


def _passphrase(given: Fields) -> str:
    passphrase = _wanted(given, "passphrase")
    if len(passphrase) not in PASSPHRASE_LENGTHS:
        raise OkxRefusal("53015", "passphrase")
    if not _MIXED.fullmatch(passphrase):
        raise OkxRefusal("53010", "passphrase")
    return passphrase


def _permissions(given: Fields) -> frozenset[str]:
    """Reading always, trading where it is asked for, and never anything else."""
    asked = {word.strip() for word in (_text(given, "perm") or PERMISSION_READ).split(",")}
    if not asked <= {PERMISSION_READ, PERMISSION_TRADE}:
        raise OkxRefusal("53010", "perm")
    return frozenset({PERMISSION_READ, *asked})


def _addresses(given: Fields) -> tuple[str, ...]:
    asked = [word.strip() for word in _text(given, "ip").split(",") if word.strip()]
    if len(asked) > MOST_ADDRESSES:
        raise OkxRefusal("53015", "ip")
    try:
        return tuple(str(_place(word)) for word in asked)
    except ValueError as error:
        raise OkxRefusal("53010", "ip") from error


def _place(word: str) -> object:
    return ipaddress.ip_network(word) if "/" in word else ipaddress.ip_address(word)


def _bind_app(given: Fields) -> bool:
    value = given.get("bindApp")
    if isinstance(value, bool):
        return value
    if value in (None, "", "false", "true"):
        return value == "true"
    raise OkxRefusal("53010", "bindApp")
