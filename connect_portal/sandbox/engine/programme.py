"""What the exchange remembers of its brokers, their clients and the reports they asked for.

Data only; `brokers` has the verbs, `sandbox.rebates` the sums. What was agreed is kept by the
moment from which it holds, so that a sum over the past comes out the same at any later time.
Shares and rates are in billionths.
"""

from msgspec import Struct

CAP = 100_000 * 10**18  # dollars a month, as OKX publishes it for affiliates
REPORT_MS = 30_000


class Terms(Struct):
    """What a broker gets from `since` on, of the fee that is left to share.

    `rate` is for clients that nobody else invited, `affiliated_rate` for the others. A co-broker
    gets `sub_share` and the client `client_share` of it. `monthly_cap` is in 1e-18 dollars per
    client of tier VIP5 or VIP6. At `valid_until` it ends; 0 = never.
    """

    since: int
    rate: int
    affiliated_rate: int
    sub_share: int = 0
    client_share: int = 0
    monthly_cap: int = CAP
    valid_until: int = 0


class Broker(Struct):
    """Who holds a code; `kind` is "api" or "oauth". A report of it takes `report_ms`."""

    code: str
    uid: str
    kind: str
    terms: list[Terms]
    report_ms: int = REPORT_MS


class Standing(Struct):
    """What else an account has agreed from `since` on, which decides what its fees leave a broker.

    Whoever invited it gets `affiliate_share` of its net fee; `card_share` of its fee was paid with
    a commission card. A special rate or a managed sub-account leave nothing.
    """

    since: int = 0
    affiliated: bool = False
    affiliate_share: int = 0
    card_share: int = 0
    special_rate: bool = False
    managed: bool = False


class Report(Struct):
    """A file that a broker asked for: fills of UTC days `begin` to `end` with ids below its own.

    `days` are counted from 1970. `secret` signs the links to it.
    """

    report_id: int
    kind: str
    begin: int
    end: int
    asked: int
    ready: int
    secret: str


NOBODY = Standing()


def terms_at(terms: list[Terms], ts: int) -> Terms | None:
    """What held at a moment; None before the code was given out."""
    return next((each for each in reversed(terms) if each.since <= ts), None)


def standing_at(standings: list[Standing], ts: int) -> Standing:
    """What held at a moment; nothing special before anything was agreed."""
    return next((each for each in reversed(standings) if each.since <= ts), NOBODY)
