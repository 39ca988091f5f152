"""The only client of the sandbox exchange's operator door: accounts, money and keys made to order.

A real venue has no such door: ask `available()` first and do not offer what needs it. Each call
is one blocking HTTP request; refusals are `errors.VenueError`, as everywhere at the venue.
A `reference` makes a call safe to repeat: the same one opens or funds once. Accounts and keys
belong to one of the exchange's two environments, the live one unless said.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
from django.conf import settings

from connect_portal.kit.clock import from_ms, to_ms
from connect_portal.venue.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unavailable,
)
from connect_portal.venue.transport import Answer, environment_headers, exchange
from connect_portal.venue.types import Credentials, Environment

SANDBOX = "sandbox"
NOTHING = Decimal(0)
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)

Shape = TypeVar("Shape")


class BusinessClock(msgspec.Struct, frozen=True):
    """The exchange's own time for orders and fills; `offset` is how far it was moved forward."""

    now: datetime
    offset: timedelta


class _Clock(msgspec.Struct):
    ts: int
    offset_ms: int


class _Problem(msgspec.Struct):
    error: str
    detail: str


class _OpenedAccount(msgspec.Struct):
    uid: str


class ListedKey(msgspec.Struct, frozen=True, rename="camel"):
    """A key as the exchange lists it, without what could sign; `perm` and `ip` are comma lists."""

    api_key: str
    label: str
    perm: str = ""
    ip: str = ""

    @property
    def permissions(self) -> list[str]:
        """What it may do, in PERMISSION_* words."""
        return [word for word in self.perm.split(",") if word]

    @property
    def ips(self) -> list[str]:
        """The addresses and networks it works from; none means any."""
        return [address for address in self.ip.split(",") if address]


class _ShownAccount(msgspec.Struct):
    keys: list[ListedKey]


_WORDS: Final = {"held": "signatureHeld", "at_ms": "ts", "client_id": "clientId"}


class SeenItem(msgspec.Struct, frozen=True):
    """One order of a request as the exchange saw it: the ids and the tag it named, what it wanted
    (one text, "" but for a new order), the exchange's code for it and the tag it gave back."""

    client_id: str = ""
    order_id: str = ""
    tag: str = ""
    intent: str = ""
    code: str = ""
    echo: str = ""


class SeenRequest(msgspec.Struct, frozen=True, rename=_WORDS):
    """One request of an account. ``method`` "WS" is an operation or a login on a socket; ``held``
    whether its key and signature did; ids only grow."""

    id: int
    at_ms: int
    method: str
    path: str
    code: str
    held: bool
    items: tuple[SeenItem, ...] = ()
    client_id: str = ""


class _Seen(msgspec.Struct):
    requests: list[SeenRequest]


class _Fault(msgspec.Struct):
    id: int


class _CreatedKey(msgspec.Struct, rename="camel"):
    api_key: str
    secret_key: str
    passphrase: str


def available() -> bool:
    """Whether the installation's venue is the sandbox and we hold its operator key."""
    return settings.VENUE_NAME == SANDBOX and bool(settings.SANDBOX_OPERATOR_KEY)


def open_account(reference: str, label: str, *, environment: Environment = Environment.LIVE) -> str:
    """Open a venue account and return its uid; the one opened before if the reference was used."""
    asked = {"reference": reference, "label": label}
    return _ask("POST", "accounts", _OpenedAccount, body=asked, environment=environment).uid


def fund(
    uid: str,
    reference: str,
    currency: str,
    amount: Decimal,
    *,
    environment: Environment = Environment.LIVE,
) -> None:
    """Add play money to an account, once per reference."""
    asked = {"reference": reference, "ccy": currency, "amt": format(amount, "f")}
    path = f"accounts/{_part(uid)}/faucet"
    _ask("POST", path, object, body=asked, environment=environment)


def set_level(uid: str, level: str) -> None:
    """Pin an account to a fee tier ("Regular", "VIP1" to "VIP9"); "" lets it earn its own again."""
    _ask("POST", f"accounts/{_part(uid)}/level", object, body={"level": level})


def set_broker(
    uid: str,
    code: str,
    *,
    rate: Decimal,
    affiliated_rate: Decimal,
    kind: str = "api",
    sub_share: Decimal = NOTHING,
    client_share: Decimal = NOTHING,
    valid_until: datetime | None = None,
    report_delay: timedelta = timedelta(seconds=30),
) -> None:
    """Give an account a code ("api" or "oauth" kind), or change its terms from now on.

    ``rate`` and ``affiliated_rate`` are shares of the settlement fee, of clients that nobody else
    invited and of the others; a co-broker and the client get their shares of that. At
    ``valid_until`` (aware) it ends. A report of rebates takes ``report_delay`` of business time.
    Raises Refused for a code that another account or kind has.
    """
    asked: dict[str, str | int] = {
        "code": code,
        "kind": kind,
        "rate": format(rate, "f"),
        "affiliated_rate": format(affiliated_rate, "f"),
        "sub_share": format(sub_share, "f"),
        "client_share": format(client_share, "f"),
        "valid_until": to_ms(valid_until) if valid_until else 0,
        "report_ms": report_delay // timedelta(milliseconds=1),
    }
    _ask("POST", f"accounts/{_part(uid)}/broker", object, body=asked)


def set_client(
    uid: str,
    *,
    affiliated: bool = False,
    affiliate_share: Decimal = NOTHING,
    card_share: Decimal = NOTHING,
    special_rate: bool = False,
    managed: bool = False,
) -> None:
    """Say from now on what decides which part of an account's fees a broker shares.

    ``affiliate_share`` is what whoever invited it gets of the net fee, ``card_share`` the part of
    the fee that it pays with a commission card.
    """
    asked: dict[str, str | bool] = {
        "affiliated": affiliated,
        "affiliate_share": format(affiliate_share, "f"),
        "card_share": format(card_share, "f"),
        "special_rate": special_rate,
        "managed": managed,
    }
    _ask("POST", f"accounts/{_part(uid)}/client", object, body=asked)


def create_key(
    uid: str,
    label: str,
    passphrase: str,
    permissions: Iterable[str],
    ips: Iterable[str] = (),
    *,
    environment: Environment = Environment.LIVE,
) -> Credentials:
    """Make an API key. `permissions` are the PERMISSION_* words of `types`.

    Raises OutcomeUnknown when the answer, and with it the secret, is lost.
    """
    asked = {
        "label": label,
        "passphrase": passphrase,
        "perm": ",".join(permissions),
        "ip": ",".join(ips),
    }
    path = f"accounts/{_part(uid)}/keys"
    made = _ask("POST", path, _CreatedKey, body=asked, repeatable=False, environment=environment)
    return Credentials(made.api_key, made.secret_key, made.passphrase)


def keys(uid: str, *, environment: Environment = Environment.LIVE) -> list[ListedKey]:
    """Every key of an account, without what could sign."""
    return _ask("GET", f"accounts/{_part(uid)}", _ShownAccount, environment=environment).keys


def delete_key(uid: str, api_key: str, *, environment: Environment = Environment.LIVE) -> None:
    """Delete a key; it stops working at once."""
    path = f"accounts/{_part(uid)}/keys/{_part(api_key)}"
    _ask("DELETE", path, object, environment=environment)


def delete_keys(uid: str, label: str, *, environment: Environment = Environment.LIVE) -> None:
    """Delete every key of an account that carries ``label``, one whose making got lost included."""
    for key in keys(uid, environment=environment):
        if key.label == label:
            delete_key(uid, key.api_key, environment=environment)


def requests_of(
    uid: str, after: int = 0, *, environment: Environment = Environment.LIVE
) -> list[SeenRequest]:
    """What an account asked since the request ``after``, the oldest first; the exchange remembers
    a thousand, and forgets them when it starts anew."""
    path = f"accounts/{_part(uid)}/requests?after={after}"
    return _ask("GET", path, _Seen, environment=environment).requests[::-1]


def disturb(
    uid: str,
    kind: str,
    requests: Iterable[str],
    *,
    code: str = "",
    environment: Environment = Environment.LIVE,
) -> int:
    """Let the exchange spoil the next of these ``requests`` ("POST /path") of an account, once;
    the number of the disturbance. Kinds are those of the exchange's fault
    switchboard.

    Raises OutcomeUnknown when the answer is lost.
    """
    asked: dict[str, str | int] = {"kind": kind, "uid": uid, "path": ",".join(requests), "times": 1}
    if code:
        asked["code"] = code
    told = _ask("POST", "faults", _Fault, body=asked, repeatable=False, environment=environment)
    return told.id


def leave_in_peace(number: int, *, environment: Environment = Environment.LIVE) -> None:
    """End a disturbance; one that is over already is no error."""
    _ask("DELETE", f"faults/{number}", object, environment=environment)


def account(uid: str) -> dict[str, object]:
    """All the sandbox says of a live account, in its own words: for people to look at."""
    return _ask("GET", f"accounts/{_part(uid)}", dict[str, object])


def clock() -> BusinessClock:
    """The business clock as it stands."""
    told = _ask("GET", "clock", _Clock)
    return BusinessClock(from_ms(told.ts), timedelta(milliseconds=told.offset_ms))


def clock_to(moment: datetime) -> BusinessClock:
    """Move the business clock forward to ``moment`` (aware, exact to the millisecond).

    Raises Refused for a moment that has passed or lies past the year 2079.
    """
    told = _ask("POST", "clock", _Clock, body={"to": str(to_ms(moment))})
    return BusinessClock(from_ms(told.ts), timedelta(milliseconds=told.offset_ms))


def _ask(
    method: str,
    path: str,
    shape: type[Shape],
    *,
    body: Mapping[str, str | int] | None = None,
    repeatable: bool = True,
    environment: Environment = Environment.LIVE,
) -> Shape:
    if not available():
        raise Refused("this venue is not the sandbox: it has no operator door")
    answer = exchange(
        method,
        f"{settings.VENUE_URL}/sandbox/v1/{path}",
        headers={
            "Authorization": f"Bearer {settings.SANDBOX_OPERATOR_KEY}",
            "Content-Type": "application/json",
            **environment_headers(environment),
        },
        body=b"" if body is None else msgspec.json.encode(body),
        repeatable=repeatable,
    )
    try:
        return _understand(answer, shape)
    except (Unavailable, MalformedAnswer) as error:
        if repeatable:
            raise
        raise OutcomeUnknown(f"no usable answer ({error.message})") from error


def _understand(answer: Answer, shape: type[Shape]) -> Shape:
    if answer.status == 429:
        raise Throttled("the operator door is busy", retry_after=answer.retry_after)
    if answer.status >= 500:
        raise Unavailable(f"HTTP {answer.status}", retry_after=answer.retry_after)
    if answer.status >= 300:
        raise _refusal(answer)
    try:
        return msgspec.json.decode(answer.body or b"null", type=shape)
    except UNREADABLE as error:
        raise MalformedAnswer(f"unreadable answer: {error}") from error


def _refusal(answer: Answer) -> Refused:
    try:
        problem = msgspec.json.decode(answer.body, type=_Problem)
    except UNREADABLE:
        said = answer.body[:200].decode(errors="replace")
        return Refused(f"HTTP {answer.status}: {said}", venue_code=str(answer.status))
    return Refused(problem.detail, venue_code=problem.error)


def _part(text: str) -> str:
    return quote(text, safe="")
