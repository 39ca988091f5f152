"""Checks of the tag: on an order, on every order of a batch, on what is amended and canceled, on
strategy orders and on an order that is refused. The last request of each kind counts.

What client libraries do to the tag was measured (`facts.sdk_default_tags`).
"""

from typing import Final

from connect_portal.certification.rules.seen import (
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
from connect_portal.facts import sdk_default_tags
from connect_portal.institutions.enums import Channel

TOO_SMALL: Final = "51020"
CHANNEL_REFUSED: Final = "50030"
_OVERWRITES: Final = "okx-api"


def order_tag(facts: Facts) -> Verdict:
    """An order that was accepted carries the code."""
    return _tagged(facts, [row for row in facts.of(Operation.PLACE) if len(row.items) == 1])


def batch_tag(facts: Facts) -> Verdict:
    """So does every order of a batch."""
    return _tagged(facts, [row for row in facts.of(Operation.PLACE) if len(row.items) > 1])


def _tagged(facts: Facts, rows: list[Seen]) -> Verdict:
    """By the last request that says something: one that was accepted, or whose tag is wrong."""
    refused: Seen | None = None
    for row in rows:
        if wrong := [item for item in row.items if _is_wrong(item, facts)]:
            many = f"{len(wrong)} of the {len(row.items)} orders" if len(row.items) > 1 else "It"
            said = f"{many} at {row.clock} came with {_said(wrong[0].tag)}."
            return misses(said, trap(wrong[0].tag, facts.code), row)
        if all(item.code == GOOD and item.echo == facts.code for item in row.items):
            return passes(f"Accepted at {row.clock}, and “{facts.code}” came back.", row)
        refused = refused or row
    if refused is None:
        return NOTHING_YET
    return waits(f"The tag is right, but it was refused with {refused.code}.", refused)


def amended(facts: Facts) -> Verdict:
    """An order with the code was amended."""
    return _followed(facts, Operation.AMEND, "amended")


def canceled(facts: Facts) -> Verdict:
    """An order with the code was canceled."""
    return _followed(facts, Operation.CANCEL, "canceled")


def _followed(facts: Facts, operation: Operation, word: str) -> Verdict:
    rows = facts.of(operation)
    if not rows:
        return NOTHING_YET
    row = rows[0]
    ours = {
        name
        for _, item in facts.orders()
        if item.code == GOOD and item.echo == facts.code
        for name in (item.order_id, item.client_id)
        if name
    }
    done = [item for item in row.items if item.code == GOOD]
    if not done:
        return waits(f"Refused with {row.code} at {row.clock}.", row)
    if not any(item.order_id in ours or item.client_id in ours for item in done):
        change = "Place the order with your code in its tag, then try again with that one."
        return misses(f"What was {word} at {row.clock} was placed without your code.", change, row)
    return passes(f"An order with your code was {word} at {row.clock}.", row)


def strategy(facts: Facts) -> Verdict:
    """A strategy order is accepted with the code; over OAuth it is refused."""
    rows = facts.of(Operation.STRATEGY)
    if not rows:
        return NOTHING_YET
    row = rows[0]
    if facts.channel == Channel.OAUTH:
        if row.code == CHANNEL_REFUSED:
            return passes(f"Refused with {CHANNEL_REFUSED} at {row.clock}, as it should be.", row)
        return waits(
            f"Answered with {row.code} at {row.clock}, not yet by the channel's rule.", row
        )
    return _tagged(facts, [row])


def too_small(facts: Facts) -> Verdict:
    """An order below the minimum is refused and yet gives the tag back."""
    small = [
        (row, item)
        for row in facts.of(Operation.PLACE)
        for item in row.items
        if item.code == TOO_SMALL
    ]
    if not small:
        return NOTHING_YET
    row, item = small[0]
    if _is_wrong(item, facts) or item.echo != facts.code:
        said = f"Refused with {TOO_SMALL} at {row.clock}, with {_said(item.tag)}."
        return misses(said, trap(item.tag, facts.code), row)
    return passes(f"Refused with {TOO_SMALL} at {row.clock}, and the tag came back.", row)


def _is_wrong(item: Item, facts: Facts) -> bool:
    """Over OAuth the gateway fills an empty tag."""
    is_filled = facts.channel == Channel.OAUTH and not item.tag
    return item.tag != facts.code and not is_filled


def _said(tag: str) -> str:
    return f"the tag “{tag}”" if tag else "no tag"


def trap(tag: str, code: str) -> str:
    """What probably happened to the tag, and what to change."""
    library = sdk_default_tags().get(tag)
    if not tag:
        return (
            f"Send “{code}” in the tag of every order. ccxt leaves the tag out as soon as you pass "
            "a clientOrderId of your own: pass both. hummingbot only begins the client order id "
            "with a code, which never counts; python-okx sends an empty tag unless you give one."
        )
    if library == _OVERWRITES:
        return (
            f"{library} writes this tag over yours on every private POST; its REST client cannot "
            "carry your code. Send orders with another client."
        )
    if library:
        return (
            f"That is what {library} writes when you give no code of your own: set yours "
            f"(ccxt and freqtrade: options['brokerId'] = '{code}')."
        )
    if tag.lower() == code.lower():
        return f"Upper and lower case matter: write “{code}” exactly."
    return f"Send “{code}” instead: only your own code counts for you."
