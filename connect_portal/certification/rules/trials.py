"""Checks of how the client reacts to trouble that the run makes: an order that is answered with 429
(50011), and one whose outcome is unknown (50004). Neither may lead to two orders for one wish."""

from datetime import timedelta
from typing import Final

from connect_portal.certification.enums import CheckState, Trial
from connect_portal.certification.rules.seen import (
    GOOD,
    NOTHING_YET,
    TOO_MANY,
    UNKNOWN,
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

SOON: Final = timedelta(seconds=2)
MOST_AT_ONCE: Final = 3
"""How often an order may come again within two seconds after a 429; more is no slowing down."""
ONE_WISH: Final = timedelta(seconds=30)
"""Equal orders within this after trouble are taken for one wish: give the next another size."""


def too_many(facts: Facts) -> Verdict:
    """After a 429 the client slows down, and sends the order once more."""
    found = _struck(facts, Trial.TOO_MANY, TOO_MANY)
    if isinstance(found, Verdict):
        return found
    row, later = found
    orders = [
        one
        for one in later
        if one.operation is Operation.PLACE and any(_is_same(item, row) for item in one.items)
    ]
    hasty = [one for one in orders if one.at - row.at < SOON]
    if len(hasty) > MOST_AT_ONCE:
        change = "Wait before you come again, a second at least and longer each time."
        said = f"The order came again {len(hasty)} times within two seconds after the 429."
        return misses(said, change, row, *hasty[:2])
    again = [
        (one, item)
        for one in orders
        for item in one.items
        if item.code == GOOD and one.at - row.at < ONE_WISH and _is_same(item, row)
    ]
    if len(again) > len(row.items):
        return _twice(row, [one for one, _ in again])
    if again:
        first = again[0][0]
        seconds = (first.at - row.at) / timedelta(seconds=1)
        return passes(
            f"429 at {row.clock}; the order came again after {seconds:.1f} s.", row, first
        )
    return waits(f"429 at {row.clock}. Wait a moment, then send that order once more.", row)


def unknown(facts: Facts) -> Verdict:
    """After an unknown outcome the client looks the order up by its client order id, or repeats it
    under the same one; it never sends a new one beside an order that is there: over the API channel
    every lost one is (`watching.SPOILS`)."""
    found = _struck(facts, Trial.UNKNOWN, UNKNOWN)
    if isinstance(found, Verdict):
        return found
    row, later = found
    nameless = [item for item in row.items if not item.client_id]
    if nameless:
        change = "Give every order a client order id before you send it."
        return misses("The order had no client order id, so nobody can look it up.", change, row)
    names = {item.client_id for item in row.items}
    verdict = waits(f"50004 at {row.clock}. Look that order up by its client order id.", row)
    is_there = False
    for one in later:
        if any(one.looks_up(name) for name in names):
            verdict = passes(f"50004 at {row.clock}; then the client looked it up.", row, one)
            is_there = is_there or facts.channel == Channel.API
        elif one.operation is not Operation.PLACE:
            continue
        elif names & {item.client_id for item in one.items}:
            verdict = passes(f"50004 at {row.clock}; it was repeated under its id.", row, one)
            is_there = True
        elif again := next((item for item in one.items if _is_same(item, row)), None):
            is_other_wish = one.at - row.at >= ONE_WISH
            if verdict.state != CheckState.PASSED or (is_there and not is_other_wish):
                return _renamed(row, one, again)
    return verdict


def _renamed(row: Seen, again: Seen, item: Item) -> Verdict:
    name = f"the new client order id “{item.client_id}”" if item.client_id else "no client order id"
    said = f"The order of {row.clock} was sent again at {again.clock} with {name}."
    change = (
        "50004 means that nobody knows: it may have been carried out. Ask for the order by its "
        "client order id first, or repeat it under the same one, which the exchange takes once."
    )
    return misses(said, change, row, again)


def _twice(row: Seen, again: list[Seen]) -> Verdict:
    change = "Repeat an order under the same client order id: the exchange takes each id once."
    return misses("The same order was accepted twice after it was repeated.", change, row, *again)


def _struck(facts: Facts, trial: Trial, code: str) -> Verdict | tuple[Seen, list[Seen]]:
    """The order that was answered with ``code``, and what was asked after it."""
    since = facts.since(trial)
    if since is None:
        return NOTHING_YET
    end = facts.begun.get(Trial.FAREWELL)
    rows = [row for row in since if end is None or row.source <= end]
    for place, row in enumerate(rows):
        if row.operation is Operation.PLACE and row.code == code:
            return row, rows[place + 1 :]
    return waits(f"Your next order is answered with {code}.")


def _is_same(item: Item, row: Seen) -> bool:
    """Whether an order wants what one of the row wanted."""
    return any(
        item.intent == asked.intent or (item.client_id and item.client_id == asked.client_id)
        for asked in row.items
    )
