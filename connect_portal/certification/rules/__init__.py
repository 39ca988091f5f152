"""The checks of a run as one table, each with its pure rule over what was seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from connect_portal.certification.enums import CheckState, Trial
from connect_portal.certification.rules import access, tags, trials
from connect_portal.certification.rules.seen import Facts, Verdict
from connect_portal.institutions.enums import Channel

BOTH: Final = (Channel.API, Channel.OAUTH)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is called, what the client has to do for it, and the rule that judges.

    ``trial`` is what the run does to the client for it; what is not ``needed`` may stay open.
    """

    key: str
    title: str
    todo: str
    judge: Callable[[Facts], Verdict]
    channels: tuple[Channel, ...] = BOTH
    trial: Trial | None = None
    needed: bool = True


CHECKS: Final = (
    Check(
        "signature",
        "Signed requests",
        "Send any signed request with the test key, with the header x-simulated-trading: 1.",
        access.caller,
        (Channel.API,),
    ),
    Check(
        "token",
        "Requests with a token",
        "Let a test user consent to your test client, then send any request with the access token.",
        access.caller,
        (Channel.OAUTH,),
    ),
    Check(
        "order",
        "Tag on an order",
        "Place one order that is accepted, for example a limit order far from the market.",
        tags.order_tag,
    ),
    Check(
        "batch",
        "Tag on every order of a batch",
        "Place at least two orders in one batch.",
        tags.batch_tag,
    ),
    Check("amend", "Amending", "Amend an open order that carries your code.", tags.amended),
    Check("cancel", "Canceling", "Cancel an open order that carries your code.", tags.canceled),
    Check(
        "strategy",
        "Tag on a strategy order",
        "Place a trigger order with your code in its tag.",
        tags.strategy,
        (Channel.API,),
    ),
    Check(
        "no_strategy",
        "No strategy orders",
        "Place a trigger order: it is refused with 50030, since they are for the API channel only.",
        tags.strategy,
        (Channel.OAUTH,),
    ),
    Check(
        "small",
        "Tag on a refused order",
        "Place an order below the pair's minimum size: it is refused with 51020, and the answer "
        "gives the tag back.",
        tags.too_small,
    ),
    Check(
        "client_id",
        "Client order ids",
        "Give each order a client order id of its own, 1 to 32 letters and digits.",
        access.client_ids,
    ),
    Check(
        "too_many",
        "After “Too Many Requests”",
        "One of your orders is answered with HTTP 429 (50011). Wait, send it once more, and give "
        "the next order another size.",
        trials.too_many,
        trial=Trial.TOO_MANY,
    ),
    Check(
        "unknown",
        "After an unknown outcome",
        "One of your orders is answered with 50004. Look it up by its client order id, or repeat "
        "it under the same one; never send it under a new one.",
        trials.unknown,
        trial=Trial.UNKNOWN,
    ),
    Check(
        "refresh",
        "Refreshing the token",
        "Get a new pair with the refresh token, and go on with the new access token.",
        access.refreshed,
        (Channel.OAUTH,),
    ),
    Check(
        "socket",
        "WebSocket login",
        "Log in on the private WebSocket.",
        access.socket_login,
    ),
    Check(
        "address",
        "Strange addresses",
        "Only where your client has a list of addresses: call from another one.",
        access.address,
        (Channel.OAUTH,),
        needed=False,
    ),
    Check(
        "farewell",
        "After the end of a connection",
        "Once all else has passed, this run ends the connection. Let your client run on: it is "
        "refused, and has to stop by itself.",
        access.farewell,
        trial=Trial.FAREWELL,
    ),
)
"""Every check, in the order in which a client meets them."""


def checks_for(channel: Channel) -> list[Check]:
    """The checks of a channel, in order."""
    return [check for check in CHECKS if channel in check.channels]


def judge_all(facts: Facts) -> dict[str, Verdict]:
    """How every check of the channel stands, by its key."""
    return {check.key: check.judge(facts) for check in checks_for(facts.channel)}


def is_green(
    channel: Channel, verdicts: Mapping[str, Verdict], *, but: Trial | None = None
) -> bool:
    """Whether all that is needed on the channel has passed, ``but`` for the check of one trial."""
    return all(
        verdicts[check.key].state == CheckState.PASSED
        for check in checks_for(channel)
        if check.needed and (but is None or check.trial != but)
    )
