"""What callers of the operator door may send: the body and its fields, or a refusal in words."""

import ipaddress
from collections.abc import Mapping
from typing import Any

import msgspec

from connect_portal.sandbox.engine.fees import BILLION
from connect_portal.sandbox.engine.units import ONE, parse
from connect_portal.sandbox.wire.http1.messages import Request

PERMISSIONS = ("read_only", "trade", "withdraw")
LONGEST_TEXT, LONGEST_NUMBER = 128, 15
IPS_PER_KEY = 20


class Denied(Exception):
    """A refusal at this door: HTTP status, machine word, sentence."""

    def __init__(self, status: int, error: str, detail: str) -> None:
        super().__init__(status, error, detail)
        self.status, self.error, self.detail = status, error, detail


def body_of(request: Request) -> Mapping[str, Any]:
    """The JSON object of the request."""
    try:
        given = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Denied(400, "bad_json", "The body is not JSON.") from error
    if not isinstance(given, dict):
        raise Denied(400, "bad_json", "The body must be a JSON object.")
    return given


def text_of(
    given: Mapping[str, Any], name: str, *, default: str | None = None, longest: int = LONGEST_TEXT
) -> str:
    """A printable text of the body."""
    value = given.get(name)
    if value in (None, "") and default is not None:
        return default
    if not isinstance(value, str) or not value or len(value) > longest or not value.isprintable():
        raise Denied(400, "bad_parameter", f"{name} must be a text of 1 to {longest} characters.")
    return value


def whole_of(given: Mapping[str, Any], name: str) -> int:
    """A whole number of the body, as a number or as text; 0 when absent."""
    value = given.get(name) or 0
    if isinstance(value, str) and len(value) <= LONGEST_NUMBER + 1:
        digits = value.isascii() and value.removeprefix("-").isdecimal()
        value = int(value) if digits else value
    if type(value) is not int or abs(value) >= 10**LONGEST_NUMBER:
        raise Denied(400, "bad_parameter", f"{name} must be a whole number.")
    return value


def flag_of(given: Mapping[str, Any], name: str) -> bool:
    """A yes or no of the body; no when absent."""
    value = given.get(name, False)
    if type(value) is not bool:
        raise Denied(400, "bad_parameter", f"{name} must be true or false.")
    return value


def units_of(given: Mapping[str, Any], name: str, default: str) -> int:
    """An amount of the body, a decimal text, in units."""
    units = parse(text_of(given, name, default=default))
    if units is None:
        raise Denied(400, "bad_parameter", f"{name} must be a decimal text such as 12.5.")
    return units


def share_of(given: Mapping[str, Any], name: str, default: str = "0") -> int:
    """A share or rate of the body, a decimal text such as 0.25, in billionths."""
    billionths, finer = divmod(units_of(given, name, default), ONE // BILLION)
    if finer or billionths > BILLION:
        wanted = f"{name} must be a decimal text between 0 and 1, to nine places."
        raise Denied(400, "bad_parameter", wanted)
    return billionths


def passphrase_of(given: Mapping[str, Any]) -> str:
    """A passphrase by the venue's rule: 8 to 32 characters, every kind of them.

    https://www.okx.com/docs-v5/broker_en/ (Fast API keys).
    """
    text = text_of(given, "passphrase")
    kinds = (str.isupper, str.islower, str.isdigit, lambda letter: not letter.isalnum())
    if not 8 <= len(text) <= 32 or not all(any(map(kind, text)) for kind in kinds):
        rule = "passphrase needs 8 to 32 characters with upper, lower, digit and special ones."
        raise Denied(400, "bad_parameter", rule)
    return text


def permissions_of(text: str) -> str:
    """A comma list of permissions in the venue's own order; reading is always included."""
    wanted = {part.strip() for part in text.split(",")} | {"read_only"}
    if unknown := wanted - set(PERMISSIONS):
        raise Denied(400, "bad_parameter", f"perm knows no {sorted(unknown)[0]!r}.")
    return ",".join(name for name in PERMISSIONS if name in wanted)


def addresses_of(text: str) -> str:
    """A comma list of up to 20 addresses or networks."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        networks = [str(ipaddress.ip_network(part)) and part for part in parts]
    except ValueError as error:
        raise Denied(400, "bad_parameter", f"ip: {error}.") from error
    if len(networks) > IPS_PER_KEY:
        raise Denied(400, "bad_parameter", f"ip takes at most {IPS_PER_KEY} addresses.")
    return ",".join(networks)
