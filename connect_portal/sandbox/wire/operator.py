"""The operator door, `/sandbox/v1/*`: accounts, money, keys, brokers, request log, faults, clock.

For whoever runs the sandbox; loopback callers with the operator key only. JSON both ways; errors
are `{"error", "detail"}` with a 4xx status. `x-simulated-trading: 1` means the demo environment,
as on the wire; the clock is one for both.
"""

import hmac
import ipaddress
import re
import secrets
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from connect_portal.sandbox.engine.clock import LATEST_MS
from connect_portal.sandbox.engine.commands import (
    AddKey,
    AnyCommand,
    ClearFaults,
    DropKey,
    Faucet,
    MoveClock,
    OpenAccount,
    SetBroker,
    SetClient,
    SetFault,
    SetLevel,
)
from connect_portal.sandbox.engine.model import HOUSE_ACCOUNT, Account, Key
from connect_portal.sandbox.engine.programme import CAP, REPORT_MS
from connect_portal.sandbox.engine.units import plain
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.wire.auth import REGION, hash_passphrase
from connect_portal.sandbox.wire.bodies import (
    Denied,
    addresses_of,
    body_of,
    flag_of,
    passphrase_of,
    permissions_of,
    share_of,
    text_of,
    units_of,
    whole_of,
)
from connect_portal.sandbox.wire.environments import SIMULATED, Environment, Venue
from connect_portal.sandbox.wire.errors import sentence
from connect_portal.sandbox.wire.faults import KINDS, REFUSALS
from connect_portal.sandbox.wire.http1.messages import Answer, Request
from connect_portal.sandbox.wire.operator_rows import (
    account_row,
    broker_row,
    client_row,
    fault_row,
    key_row,
)
from connect_portal.sandbox.wire.rpc import json_answer

Verb = Callable[[Request], Awaitable[Any]]


class Operator:
    """The verbs of the door over both environments of a venue."""

    def __init__(self, venue: Venue, key: str, *, remote: bool = False) -> None:
        self.venue, self.key, self.remote = venue, key, remote

        self.routes = [(re.compile(path), method, verb) for method, path, verb in self._table()]

    def _table(self) -> list[tuple[str, str, Verb]]:
        account = "/sandbox/v1/accounts/(?P<uid>[^/]+)"
        return [
            ("POST", "/sandbox/v1/accounts", self.open_account),
            ("GET", account, self.show_account),
            ("POST", f"{account}/faucet", self.faucet),
            ("POST", f"{account}/level", self.set_level),
            ("POST", f"{account}/broker", self.set_broker),
            ("POST", f"{account}/client", self.set_client),
            ("POST", f"{account}/keys", self.create_key),
            ("DELETE", f"{account}/keys/(?P<api_key>[^/]+)", self.delete_key),
            ("GET", f"{account}/requests", self.show_requests),
            ("POST", "/sandbox/v1/notice", self.give_notice),
            ("GET", "/sandbox/v1/faults", self.show_faults),
            ("POST", "/sandbox/v1/faults", self.set_fault),
            ("DELETE", "/sandbox/v1/faults", self.clear_faults),
            ("DELETE", "/sandbox/v1/faults/(?P<fault_id>[0-9]{1,19})", self.clear_faults),
            ("GET", "/sandbox/v1/clock", self.clock),
            ("POST", "/sandbox/v1/clock", self.move_clock),
        ]

    async def answer(self, request: Request) -> Answer:
        """Carry out a request; whoever may not ask is not told what there is."""
        try:
            self._refuse_strangers(request)
            return json_answer(await self._verb(request)(request))
        except Denied as denied:
            return json_answer({"error": denied.error, "detail": denied.detail}, denied.status)
        except StoreUnavailable as error:
            return json_answer({"error": "unavailable", "detail": str(error)}, 503)

    def _verb(self, request: Request) -> Verb:
        """What is behind method and path; the names in the path are filled in."""
        found = [(p.fullmatch(request.path), method, verb) for p, method, verb in self.routes]
        there = {method: (match, verb) for match, method, verb in found if match}
        if not there:
            raise Denied(404, "no_such_path", "There is nothing at this address.")
        if request.method not in there:
            raise Denied(405, "no_such_method", f"This address knows {', '.join(there)} only.")
        match, verb = there[request.method]
        request.named = match.groupdict()
        return verb

    async def open_account(self, request: Request) -> Any:
        """`{"reference", "label", "region"} -> {"uid", "label"}`; same reference, same account."""
        given = body_of(request)
        reference, region = text_of(given, "reference"), text_of(given, "region", default=REGION)
        label = text_of(given, "label", default=reference)
        account = await self._carry_out(
            request, OpenAccount(reference=f"user:{reference}", label=label, region=region)
        )
        return {"uid": account.uid, "label": account.label}

    async def faucet(self, request: Request) -> Any:
        """`{"reference", "ccy", "amt"} -> {"ccy", "bal"}`; each reference gives once."""
        given, account = body_of(request), self._account(request)
        ccy, amount = text_of(given, "ccy"), text_of(given, "amt")
        reference = text_of(given, "reference")
        command = Faucet(uid=account.uid, reference=reference, ccy=ccy, amt=amount)
        return {"ccy": ccy, "bal": await self._carry_out(request, command)}

    async def set_level(self, request: Request) -> Any:
        """`{"level"} -> {"level"}`: pin the fee tier, or with "" let the account earn its own."""
        given, account = body_of(request), self._account(request)
        command = SetLevel(uid=account.uid, level=text_of(given, "level", default=""))
        return {"level": await self._carry_out(request, command)}

    async def set_broker(self, request: Request) -> Any:
        """Give the account a broker code, or change its terms from now on -> what was agreed.

        `{"code", "kind", "rate", "affiliated_rate", "sub_share", "client_share", "monthly_cap",
        "valid_until", "report_ms"}`: rates and shares as decimal texts, see `engine/programme.py`.
        """
        given, account = body_of(request), self._account(request)
        command = SetBroker(
            uid=account.uid,
            code=text_of(given, "code"),
            kind=text_of(given, "kind"),
            rate=share_of(given, "rate"),
            affiliated_rate=share_of(given, "affiliated_rate"),
            sub_share=share_of(given, "sub_share"),
            client_share=share_of(given, "client_share"),
            monthly_cap=units_of(given, "monthly_cap", plain(CAP)),
            valid_until=whole_of(given, "valid_until"),
            report_ms=whole_of(given, "report_ms") if "report_ms" in given else REPORT_MS,
        )
        return broker_row(await self._carry_out(request, command))

    async def set_client(self, request: Request) -> Any:
        """Say from now on what decides which part of the account's fees a broker shares.

        `{"affiliated", "affiliate_share", "card_share", "special_rate", "managed"}`.
        """
        given, account = body_of(request), self._account(request)
        command = SetClient(
            uid=account.uid,
            affiliated=flag_of(given, "affiliated"),
            affiliate_share=share_of(given, "affiliate_share"),
            card_share=share_of(given, "card_share"),
            special_rate=flag_of(given, "special_rate"),
            managed=flag_of(given, "managed"),
        )
        return client_row(await self._carry_out(request, command))

    async def create_key(self, request: Request) -> Any:
        """`{"label", "passphrase", "perm", "ip"}` -> the new key with its secret, shown once."""
        given, account = body_of(request), self._account(request)
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
        account, api_key = self._account(request), request.named["api_key"]
        command = DropKey(uid=account.uid, api_key=api_key)
        return {"result": await self._carry_out(request, command)}

    async def show_account(self, request: Request) -> Any:
        """The account with balances, keys (never their secrets), codes and what it has agreed."""
        state = self._meant(request).store.exchange.state
        return account_row(state, self._account(request))

    async def show_requests(self, request: Request) -> Any:
        """The account's recent requests, newest first; `?after=` an id leaves older ones out."""
        after = dict(parse_qsl(request.query)).get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 19):
            raise Denied(400, "bad_parameter", "after must be the id of a request.")
        uid = self._account(request).uid
        return {"requests": self._meant(request).log.of(uid, int(after))}

    async def give_notice(self, request: Request) -> Any:
        """-> `{"told"}`: tell every WebSocket client that the service stops in about a minute."""
        return {"told": sum(each.hub.give_notice() for each in self.venue.both)}

    async def show_faults(self, request: Request) -> Any:
        """The disturbances in force."""
        faults = self._meant(request).store.exchange.state.faults.values()
        return {"faults": [fault_row(fault) for fault in faults]}

    async def set_fault(self, request: Request) -> Any:
        """`{"kind", "uid", "path", "code", "ms", "times"}` -> the disturbance with its id.

        Kinds: `wire/faults.py`. Without uid or path it strikes everybody, everywhere.
        """
        given = body_of(request)
        kind, code = text_of(given, "kind"), text_of(given, "code", default="")
        if kind not in KINDS:
            raise Denied(400, "bad_parameter", f"kind must be one of {', '.join(KINDS)}.")
        if (kind == "refuse") != (code in REFUSALS):
            wanted = f"A fault of kind refuse needs a code of {', '.join(REFUSALS)}, others none."
            raise Denied(400, "bad_parameter", wanted)
        if kind == "skew" and whole_of(given, "times"):
            raise Denied(400, "bad_parameter", "A skewed clock stays until it is cleared.")
        command = SetFault(
            kind=kind,
            code=code,
            uid=text_of(given, "uid", default=""),
            path=text_of(given, "path", default="", longest=400),
            ms=whole_of(given, "ms"),
            times=whole_of(given, "times"),
        )
        return fault_row(await self._carry_out(request, command))

    async def clear_faults(self, request: Request) -> Any:
        """End one disturbance or all of them; how many ended."""
        command = ClearFaults(fault_id=int(request.named.get("fault_id", 0)))
        return {"ended": await self._carry_out(request, command)}

    async def clock(self, request: Request) -> Any:
        """`{"ts", "offset_ms"}`: business time, and how far it runs ahead of the wall clock.

        Orders, fills and candles follow it; signatures and public/time follow the wall clock.
        """
        store = self.venue.live.store
        return {"ts": store.business_ms(), "offset_ms": store.exchange.state.offset_ms}

    async def move_clock(self, request: Request) -> Any:
        """`{"to": milliseconds as text}` -> the clock as it stands then; forward only."""
        text = text_of(body_of(request), "to")
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            raise Denied(400, "bad_parameter", "to must be milliseconds since 1970.")
        target, live = int(text), self.venue.live.store
        if target > LATEST_MS:
            raise Denied(400, "too_far", "The business clock does not go past the year 2079.")
        offset = target - live.clock()  # one for both, or their clocks would differ
        if offset < live.exchange.state.offset_ms:
            raise Denied(400, "backward", "The business clock only moves forward.")
        for environment in self.venue.both:
            await _submit(environment, MoveClock(offset_ms=offset))
        return await self.clock(request)

    def _refuse_strangers(self, request: Request) -> None:
        if not self.remote and not is_loopback(request.ip):
            raise Denied(403, "not_local", "The operator door answers local callers only.")
        given = request.headers.get(b"authorization", b"")
        if not hmac.compare_digest(given, f"Bearer {self.key}".encode()):
            raise Denied(401, "wrong_key", "The operator key is missing or wrong.")

    def _meant(self, request: Request) -> Environment:
        return self.venue.meant_by(request.headers.get(SIMULATED))

    def _account(self, request: Request) -> Account:
        accounts = self._meant(request).store.exchange.state.accounts
        account = accounts.get(request.named["uid"])
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


def is_loopback(host: str) -> bool:
    """Whether the caller is on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
