"""What the venue owes its brokers: one line per order and UTC day, from the fills alone.

The waterfall of the report's columns (https://www.okx.com/docs-v5/broker_en/#fully-disclosed-broker,
"Get download link"), in USDT at the price of each fill:

    fee              as on the wire: negative = charged, positive = a maker's rebate
    netFee           what was charged, from here on positive, less the part paid with a commission
                     card and less the rebate that the maker on the other side was paid out of it
    settlementFee    less the share of whoever invited the client; 0 where nothing is commissionable
    brokerRebate, subBrokerRebate, userRebate
                     the settlement fee by the rate for affiliated or other clients, divided
                     between broker, co-broker and client

Not commissionable: a trade without a fee, a broker whose time is up, clients of VIP7 and above, on
a special rate (market makers and the like) or with a managed sub-account, and what exceeds the
monthly cap of a client of VIP5 or VIP6. Sources: `if-rebate` of the same page,
https://www.okx.com/help/introduction-of-rules-on-okx-brokers for special rates, cards and managed
sub-accounts. OKX prints neither its order of subtraction nor its rounding: the order is that of
the columns, and each amount is exact to 1e-36 until a line rounds it once, half to even, to 1e-18.

What was agreed is looked up at the time of the fill, so a file comes out the same whenever it is
made. Pure; `wire.reports` feeds it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from connect_portal.sandbox.engine.brokers import EPOCH
from connect_portal.sandbox.engine.fees import BILLION
from connect_portal.sandbox.engine.matching import DAY_MS
from connect_portal.sandbox.engine.model import Fill
from connect_portal.sandbox.engine.programme import (
    Broker,
    Standing,
    Terms,
    standing_at,
    terms_at,
)
from connect_portal.sandbox.engine.units import ONE, Instrument

CAPPED, EXCLUDED = frozenset({"VIP5", "VIP6"}), frozenset({"VIP7", "VIP8", "VIP9"})
Month = tuple[int, int]


@dataclass(slots=True)
class Line:
    """One order on one day. Amounts are in 1e-36 dollars; `fill` is the last one of the day."""

    fill: Fill
    affiliated: bool = False
    traded: int = 0
    fee: int = 0
    net: int = 0
    base: int = 0
    commission: int = 0
    of_sub: int = 0
    of_client: int = 0

    @property
    def shares(self) -> tuple[int, int, int]:
        """What broker, co-broker and client get, in units; together the rounded commission."""
        sub, client = self.of_sub // ONE, self.of_client // ONE
        return to_units(self.commission) - sub - client, sub, client


@dataclass
class Waterfall:
    """The sums over fills in the order of `lines`; one for each report.

    `used` is what clients of a capped tier have earned a broker so far, by code, account and month.
    """

    brokers: Mapping[str, Broker]
    clients: Mapping[str, list[Standing]]
    instruments: Mapping[str, Instrument]
    used: dict[tuple[str, str, Month], int] = field(default_factory=dict)

    def lines(self, fills: Iterable[Fill]) -> Iterator[Line]:
        """One line per day and order; the fills come day by day, in a day by order, then by id."""
        for _, group in groupby(fills, lambda fill: (fill.ts // DAY_MS, fill.order_id)):
            line: Line | None = None
            for fill in group:
                if terms := terms_at(self.brokers[fill.tag].terms, fill.ts):
                    line = line or Line(fill)
                    self._add(line, fill, terms)
            if line is not None:
                yield line

    def _add(self, line: Line, fill: Fill, terms: Terms) -> None:
        client = standing_at(self.clients.get(fill.uid, []), fill.ts)
        fee = self._dollars(fill)
        charged = max(0, -fee)
        net = charged - charged * client.card_share // BILLION - fill.counter_rebate * fill.usd_px
        net = max(0, net)
        base = 0
        if not exclusion(fill.level, client, terms, fill.ts):
            base = net - net * client.affiliate_share // BILLION
        rate = terms.affiliated_rate if client.affiliated else terms.rate
        commission = self._within_cap(fill, terms, base * rate // BILLION)
        line.fill, line.affiliated = fill, client.affiliated
        line.traded += self._value(fill) * fill.usd_px
        line.fee += fee
        line.net += net
        line.base += base
        line.commission += commission
        line.of_sub += commission * terms.sub_share // BILLION
        line.of_client += commission * terms.client_share // BILLION

    def _value(self, fill: Fill) -> int:
        return fill.px * fill.lots * self.instruments[fill.inst].lot_value

    def _dollars(self, fill: Fill) -> int:
        """The fee in 1e-36 dollars; one in base is worth what the fill itself paid for base."""
        pair = self.instruments[fill.inst]
        if fill.fee_ccy == pair.quote:
            return fill.fee * fill.usd_px
        return fill.fee * fill.px * pair.tick * fill.usd_px // ONE

    def _within_cap(self, fill: Fill, terms: Terms, commission: int) -> int:
        if fill.level not in CAPPED:
            return commission
        key = fill.tag, fill.uid, month_of(fill.ts)
        used = self.used.get(key, 0)
        commission = min(commission, max(0, terms.monthly_cap * ONE - used))
        self.used[key] = used + commission
        return commission


def exclusion(level: str, client: Standing, terms: Terms, ts: int) -> str:
    """Why nothing of this account's fees is commissionable at a moment; "" when they are."""
    if terms.valid_until and ts >= terms.valid_until:
        return "expired"
    if client.managed:
        return "managed"
    if level in EXCLUDED:
        return "tier"
    return "special" if client.special_rate else ""


def to_units(amount: int) -> int:
    """1e-36 dollars in units of 1e-18, half to even."""
    units, rest = divmod(amount, ONE)
    return units + (2 * rest > ONE or (2 * rest == ONE and units % 2))


def month_of(ts: int) -> Month:
    """The UTC calendar month of a moment, as year and month."""
    day = EPOCH + timedelta(days=ts // DAY_MS)
    return day.year, day.month


def month_start(ts: int) -> int:
    """The first moment of that month, in milliseconds since 1970."""
    day = EPOCH + timedelta(days=ts // DAY_MS)
    return (day.replace(day=1) - EPOCH).days * DAY_MS
