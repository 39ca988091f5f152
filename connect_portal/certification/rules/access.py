"""Checks of who calls: the signature or token, the socket's login, the refresh, the ids of orders,
and what the client does when its connection is over."""

import re
from datetime import timedelta
from typing import Final

from connect_portal.certification.enums import Trial
from connect_portal.certification.rules.seen import (
    DUPLICATE,
    GOOD,
    NOTHING_YET,
    Facts,
    Item,
    Operation,
    Seen,
    Verdict,
    misses,
    passes,
    waits,
)
from connect_portal.institutions.enums import Channel

CLIENT_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
MOST_AFTER_THE_END: Final = 10
"""Requests after the end within the time of quiet: a client that notices needs one."""
ADDRESS_REFUSED: Final = ("50110", "53014")
_WRONG: Final = {
    "50101": "The key is one of the demo environment: send the header x-simulated-trading: 1.",
    "50102": "The timestamp was more than 30 seconds off: follow public/time.",
    "50103": "The key's header is missing.",
    "50105": "The passphrase is not the one that was shown with the key.",
    "50111": "The key does not exist (any more): use the one that was made for this run.",
    "50112": "The timestamp must be ISO 8601 in UTC with milliseconds.",
    "50113": "Sign timestamp + method + path with query + body with HMAC-SHA256, then Base64.",
    "50110": "The key is limited to other addresses.",
    "53000": "The token is unknown.",
    "53002": "The token has run out: refresh it.",
    "53003": "The token was revoked: ask for consent anew.",
    "53006": "The token is bound to a key: send its DPoP proof.",
    "53014": "The call came from an address that is not on your client's list.",
}
"""What the commonest refusals of a caller mean."""


def caller(facts: Facts) -> Verdict:
    """The last request was signed, or carried a token, that held."""
    rows = [row for row in reversed(facts.before) if row.method != "WS"]
    if not rows:
        return NOTHING_YET
    row = rows[0]
    if row.held:
        return passes(f"{row.method} {row.path} at {row.clock}.", row)
    change = _WRONG.get(row.code, "Compare your request with the integration guide.")
    return misses(f"Refused with {row.code} at {row.clock}.", change, row)


def socket_login(facts: Facts) -> Verdict:
    """The client logged in on a private WebSocket."""
    rows = facts.of(Operation.LOGIN)
    if not rows:
        return NOTHING_YET
    row = rows[0]
    if row.code == GOOD:
        return passes(f"Logged in at {row.clock}.", row)
    how = (
        "Sign the timestamp in seconds + GET/users/self/verify."
        if facts.channel == Channel.API
        else "Send the access token in the login, or in the Authorization header."
    )
    return misses(f"The login was refused with {row.code} at {row.clock}.", how, row)


def refreshed(facts: Facts) -> Verdict:
    """The client got a new pair with its refresh token."""
    if not facts.refreshed:
        return NOTHING_YET
    times = "once" if facts.refreshed == 1 else f"{facts.refreshed} times"
    return passes(f"Refreshed {times}.")


def client_ids(facts: Facts) -> Verdict:
    """Every order of the last request has a client order id of its own, within the grammar."""
    wanted: dict[str, str] = {}
    verdict = NOTHING_YET
    for row in facts.before:
        if row.operation is Operation.PLACE:
            verdict = _named(row, wanted) or verdict
    return verdict


def _named(row: Seen, wanted: dict[str, str]) -> Verdict | None:
    """How the orders of one request are named, beside what was ``wanted`` under each id before;
    None where they only come again, after an answer that was lost."""
    known = dict(wanted)
    for item in row.items:
        if wrong := _misnamed(item, row, known, wanted):
            return wrong
        wanted[item.client_id] = item.intent
    if all(item.client_id in known for item in row.items):
        return None
    if len(wanted) > 1:
        return passes(f"{len(wanted)} orders, each with an id of its own.", row)
    return waits("One order with an id; one more shows that they differ.", row)


def _misnamed(
    item: Item, row: Seen, known: dict[str, str], wanted: dict[str, str]
) -> Verdict | None:
    if not item.client_id:
        change = "Give every order a client order id: it is how a lost answer is looked up."
        return misses(f"The order at {row.clock} had no client order id.", change, row)
    if not CLIENT_ID.fullmatch(item.client_id):
        change = "Use 1 to 32 letters and digits, nothing else."
        return misses(f"“{item.client_id}” at {row.clock} is outside the rules.", change, row)
    is_again = known.get(item.client_id) == item.intent
    if not is_again and (item.code == DUPLICATE or item.client_id in wanted):
        change = "Use a client order id for one order only."
        return misses(f"“{item.client_id}” came again for another order.", change, row)
    return None


def farewell(facts: Facts) -> Verdict:
    """After the end of its connection the client is refused, notices it, and stops."""
    rows = facts.since(Trial.FAREWELL)
    if rows is None:
        return NOTHING_YET
    refused = [row for row in rows if not row.held]
    if not refused:
        return waits("The connection is over. Send one more request: it is refused.")
    within = [row for row in refused if row.at - refused[0].at < facts.quiet]
    seconds = facts.quiet // timedelta(seconds=1)
    if len(within) > MOST_AFTER_THE_END:
        change = (
            "Stop when a key or token is refused, and tell your user; come back only when they "
            f"have connected anew. At most {MOST_AFTER_THE_END} requests in {seconds} s are fine."
        )
        said = f"{len(within)} requests came within {seconds} s after the first refusal."
        return misses(said, change, *within[:3])
    if facts.now - refused[0].at < facts.quiet:
        left = max(1, (refused[0].at + facts.quiet - facts.now) // timedelta(seconds=1))
        return waits(f"Refused with {refused[0].code}; watching for {left} s more.", refused[0])
    return passes(f"Refused with {refused[0].code}, then {_then(within)}.", refused[0])


def _then(within: list[Seen]) -> str:
    again = len(within) - 1
    return f"{again} more and quiet" if again else "quiet"


def address(facts: Facts) -> Verdict:
    """A call from an address that is not on the client's list was refused."""
    rows = [row for row in facts.rows if row.code in ADDRESS_REFUSED]
    if not rows:
        return NOTHING_YET
    return passes(f"Refused with {rows[-1].code} at {rows[-1].clock}.", rows[-1])
