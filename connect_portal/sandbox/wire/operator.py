"""The operator door, `/sandbox/v1/*`: accounts, test money, keys, request log, clock.

For whoever runs the sandbox; loopback callers with the operator key only. JSON both ways; errors
are `{"error", "detail"}` with a 4xx status. `x-simulated-trading: 1` means the demo environment,
as on the wire; the clock is one for both.
"""

import hmac
import ipaddress
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.clock import LATEST_MS
from connect_portal.sandbox.engine.commands import (
    AddKey,
    AnyCommand,
    ClearFaults,
    DropKey,
    Faucet,
    MoveClock,
    OpenAccount,
    SetFault,
    SetLevel,
)
from connect_portal.sandbox.engine.model import HOUSE_ACCOUNT, Account, Fault, Key
from connect_portal.sandbox.engine.units import plain
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.wire.auth import REGION, hash_passphrase
from connect_portal.sandbox.wire.environments import SIMULATED, Environment, Venue
from connect_portal.sandbox.wire.errors import WireError, sentence
from connect_portal.sandbox.wire.faults import KINDS, REFUSALS
from connect_portal.sandbox.wire.rpc import json_answer, read_body

PERMISSIONS = ("read_only", "trade", "withdraw")
LONGEST_TEXT, LONGEST_NUMBER = 128, 12
IPS_PER_KEY = 20
Verb = Callable[[Request], Awaitable[Any]]


class Denied(Exception):
    """A refusal at this door: HTTP status, machine word, sentence."""

    def __init__(self, status: int, error: str, detail: str) -> None:
        super().__init__(status, error, detail)
        self.status, self.error, self.detail = status, error, detail


class Operator:
    """The verbs of the door over both environments of a venue."""

    def __init__(self, venue: Venue, key: str, *, remote: bool = False) -> None:
        self.venue, self.key, self.remote = venue, key, remote

    def routes(self) -> list[Route]:
        """The routes to mount at the host root."""
        account = "/sandbox/v1/accounts/{uid}"
        table: list[tuple[str, str, Verb]] = [
            ("POST", "/sandbox/v1/accounts", self.open_account),
            ("GET", account, self.show_account),
            ("POST", f"{account}/faucet", self.faucet),
            ("POST", f"{account}/level", self.set_level),
            ("POST", f"{account}/keys", self.create_key),
            ("DELETE", f"{account}/keys/{{api_key}}", self.delete_key),
            ("GET", f"{account}/requests", self.show_requests),
            ("GET", "/sandbox/v1/faults", self.show_faults),
            ("POST", "/sandbox/v1/faults", self.set_fault),
            ("DELETE", "/sandbox/v1/faults", self.clear_faults),
            ("DELETE", "/sandbox/v1/faults/{fault_id:int}", self.clear_faults),
            ("GET", "/sandbox/v1/clock", self.clock),
            ("POST", "/sandbox/v1/clock", self.move_clock),
        ]
        return [Route(path, self._guarded(verb), methods=[method]) for method, path, verb in table]

    async def open_account(self, request: Request) -> Any:
        """`{"reference", "label", "region"} -> {"uid", "label"}`; same reference, same account."""
        given = await body_of(request)
        reference, region = text_of(given, "reference"), text_of(given, "region", default=REGION)
        label = text_of(given, "label", default=reference)
        account = await self._carry_out(
            request, OpenAccount(reference=f"user:{reference}", label=label, region=region)
        )
        return {"uid": account.uid, "label": account.label}

    async def faucet(self, request: Request) -> Any:
        """`{"reference", "ccy", "amt"} -> {"ccy", "bal"}`; each reference gives once."""
        given, account = await body_of(request), self._account(request)
        ccy, amount = text_of(given, "ccy"), text_of(given, "amt")
        reference = text_of(given, "reference")
        command = Faucet(uid=account.uid, reference=reference, ccy=ccy, amt=amount)
        return {"ccy": ccy, "bal": await self._carry_out(request, command)}

    async def set_level(self, request: Request) -> Any:
        """`{"level"} -> {"level"}`: pin the fee tier, or with "" let the account earn its own."""
        given, account = await body_of(request), self._account(request)
        command = SetLevel(uid=account.uid, level=text_of(given, "level", default=""))
        return {"level": await self._carry_out(request, command)}

    async def create_key(self, request: Request) -> Any:
        """`{"label", "passphrase", "perm", "ip"}` -> the new key with its secret, shown once."""
        given, account = await body_of(request), self._account(request)
        passphrase = passphrase_of(given)
        command = AddKey(
            uid=account.uid,
            api_key=str(uuid.uuid4()),
            secret=secrets.token_hex(16).upper(),
            passphrase_hash=hash_passphrase(passphrase),
            perm=permissions_of(text_of(given, "perm", default="read_only")),
            ip=addresses_of(text_of(given, "ip", default="", longest=1000)),
            label=text_of(given, "label", default=""),
        )
        key: Key = await self._carry_out(request, command)
        return key_row(key) | {"secretKey": key.secret, "passphrase": passphrase}

    async def delete_key(self, request: Request) -> Any:
        """Delete a key; deleting it again is no error."""
        account, api_key = self._account(request), request.path_params["api_key"]
        command = DropKey(uid=account.uid, api_key=api_key)
        return {"result": await self._carry_out(request, command)}

    async def show_account(self, request: Request) -> Any:
        """The account with balances and keys (never their secrets)."""
        account = self._account(request)
        state = self._meant(request).store.exchange.state
        return {
            "uid": account.uid,
            "label": account.label,
            "region": account.region,
            "level": account.level,
            "balances": [
                {
                    "ccy": ccy,
                    "bal": plain(balance.available + balance.held),
                    "availBal": plain(balance.available),
                    "frozenBal": plain(balance.held),
                }
                for ccy, balance in ledger.balances(state, account.uid)
            ],
            "keys": [key_row(key) for key in state.keys.values() if key.uid == account.uid],
        }

    async def show_requests(self, request: Request) -> Any:
        """The account's recent requests, newest first."""
        return {"requests": self._meant(request).log.of(self._account(request).uid)}

    async def show_faults(self, request: Request) -> Any:
        """The disturbances in force."""
        faults = self._meant(request).store.exchange.state.faults.values()
        return {"faults": [fault_row(fault) for fault in faults]}

    async def set_fault(self, request: Request) -> Any:
        """`{"kind", "uid", "path", "code", "ms", "times"}` -> the disturbance with its id.

        Kinds: `wire/faults.py`. Without uid or path it strikes everybody, everywhere.
        """
        given = await body_of(request)
        kind, code = text_of(given, "kind"), text_of(given, "code", default="")
        if kind not in KINDS:
            raise Denied(400, "bad_parameter", f"kind must be one of {', '.join(KINDS)}.")
        if (kind == "refuse") != (code in REFUSALS):
            wanted = f"A fault of kind refuse needs a code of {', '.join(REFUSALS)}, others none."
            raise Denied(400, "bad_parameter", wanted)
        command = SetFault(
            kind=kind,
            code=code,
            uid=text_of(given, "uid", default=""),
            path=text_of(given, "path", default=""),
            ms=whole_of(given, "ms"),
            times=whole_of(given, "times"),
        )
        return fault_row(await self._carry_out(request, command))

    async def clear_faults(self, request: Request) -> Any:
        """End one disturbance or all of them; how many ended."""
        command = ClearFaults(fault_id=request.path_params.get("fault_id", 0))
        return {"ended": await self._carry_out(request, command)}

    async def clock(self, request: Request) -> Any:
        """`{"ts", "offset_ms"}`: business time, and how far it runs ahead of the wall clock.

        Orders, fills and candles follow it; signatures and public/time follow the wall clock.
        """
        store = self.venue.live.store
        return {"ts": store.business_ms(), "offset_ms": store.exchange.state.offset_ms}

    async def move_clock(self, request: Request) -> Any:
        """`{"to": milliseconds as text}` -> the clock as it stands then; forward only."""
        text = text_of(await body_of(request), "to")
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            raise Denied(400, "bad_parameter", "to must be milliseconds since 1970.")
        target = int(text)
        live = self.venue.live.store
        if target < live.business_ms():
            raise Denied(400, "backward", "The business clock only moves forward.")
        if target > LATEST_MS:
            raise Denied(400, "too_far", "The business clock does not go past the year 2079.")
        for environment in self.venue.both:
            await _submit(environment, MoveClock(offset_ms=target - live.clock()))
        return await self.clock(request)

    def _guarded(self, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                self._refuse_strangers(request)
                return json_answer(await verb(request))
            except Denied as denied:
                body = {"error": denied.error, "detail": denied.detail}
                return json_answer(body, denied.status)
            except StoreUnavailable as error:
                return json_answer({"error": "unavailable", "detail": str(error)}, 503)

        return answer

    def _refuse_strangers(self, request: Request) -> None:
        host = request.client.host if request.client else ""
        if not self.remote and not is_loopback(host):
            raise Denied(403, "not_local", "The operator door answers local callers only.")
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode("latin-1"), f"Bearer {self.key}".encode()):
            raise Denied(401, "wrong_key", "The operator key is missing or wrong.")

    def _meant(self, request: Request) -> Environment:
        return self.venue.meant_by(request.headers.get(SIMULATED.decode()))

    def _account(self, request: Request) -> Account:
        accounts = self._meant(request).store.exchange.state.accounts
        account = accounts.get(request.path_params["uid"])
        if account is None or account.kind == HOUSE_ACCOUNT:
            raise Denied(404, "no_such_account", "There is no account with this uid.")
        return account

    async def _carry_out(self, request: Request, command: AnyCommand) -> Any:
        return await _submit(self._meant(request), command)


async def _submit(environment: Environment, command: AnyCommand) -> Any:
    outcome = await environment.store.submit(command)
    if outcome.code != "0":
        raise Denied(400, outcome.code, sentence(outcome.code, outcome.detail))
    return outcome.value


async def body_of(request: Request) -> Mapping[str, Any]:
    """The JSON object of the request."""
    try:
        given = msgspec.json.decode(await read_body(request.receive))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, WireError) as error:
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
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdecimal():
        value = int(value[:LONGEST_NUMBER])
    if type(value) is not int or abs(value) >= 10**LONGEST_NUMBER:
        raise Denied(400, "bad_parameter", f"{name} must be a whole number.")
    return value


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


def is_loopback(host: str) -> bool:
    """Whether the caller is on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fault_row(fault: Fault) -> dict[str, str | int]:
    """A disturbance as this door shows it."""
    return {
        "id": fault.fault_id,
        "kind": fault.kind,
        "uid": fault.uid,
        "path": fault.path,
        "code": fault.code,
        "ms": fault.ms,
        "times": fault.times,
    }


def key_row(key: Key) -> dict[str, str]:
    """A key without its secrets."""
    return {"apiKey": key.api_key, "perm": key.perm, "ip": key.ip, "label": key.label}
