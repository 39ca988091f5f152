"""Which orders may pass, one by one. No database: budgets are reserved in `actions.decide`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from connect_portal.authorizations.limits import NO_LIMITS, Limits
from connect_portal.gateway.codes import tag_to_forward
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused
from connect_portal.gateway.notional import Terms
from connect_portal.kit.money import plain

DAY_IS_FULL: Final = "51008"
BINDING: Final = (Operation.PLACE, Operation.AMEND)
"""What limits are about; to cancel is always allowed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One order operation as it was asked for, in our words; its texts are nobody's promise.

    ``tag`` is the JSON value that was sent, None when there was none.
    """

    operation: Operation
    instrument: str
    client_order_id: str
    order_id: str
    tag: object
    is_strategy: bool
    terms: Terms


@dataclass(frozen=True, slots=True)
class Weight:
    """What an item weighs against the limits, in USD: what its order is worth, and what the day
    must newly hold for it.

    ``usd`` is what one of the quote money is worth. An amendment names the order that it adds to.
    ``pinned`` are the fields by which the venue is told exactly what was weighed. ``refused`` says
    why the weight could not be told.
    """

    worth: Decimal = Decimal(0)
    adds: Decimal = Decimal(0)
    usd: Decimal = Decimal(1)
    client_order_id: str = ""
    order_id: str = ""
    pinned: Mapping[str, str] = field(default_factory=dict)
    refused: Refused | None = None


WEIGHTLESS: Final = Weight()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it here: ``code`` is "0" when it may pass, with the ``tag`` to send."""

    code: str
    reason: str
    tag: str

    @property
    def allowed(self) -> bool:
        """Whether it goes to the venue."""
        return self.code == "0"


def judge_all(
    asked: Sequence[Asked],
    weights: Sequence[Weight],
    connect_code: str,
    limits: Limits,
    used: Decimal,
) -> list[Verdict]:
    """A verdict on each item in order, as if those before it that may pass had been sent.

    ``used`` is what the day holds already, in USD.
    """
    verdicts = []
    for one, weight in zip(asked, weights, strict=True):
        verdict = judge(one, connect_code, weight, limits, used)
        used += weight.adds if verdict.allowed else 0
        verdicts.append(verdict)
    return verdicts


def judge(
    asked: Asked,
    connect_code: str,
    weight: Weight = WEIGHTLESS,
    limits: Limits = NO_LIMITS,
    used: Decimal = Decimal(0),
) -> Verdict:
    """Strategy orders belong to the API channel (50030); a new order carries the code (51000); the
    end user's limits hold (50027, 51005, 51008).

    Cancelling and amending take no tag: the venue ignores one there, and so do we.
    """
    try:
        if asked.is_strategy:
            raise Refused("50030")
        is_new = asked.operation == Operation.PLACE
        tag = tag_to_forward(asked.tag, connect_code) if is_new else ""
        if asked.operation in BINDING:
            _hold_to(limits, asked.instrument, weight, used)
        return Verdict("0", "", tag)
    except Refused as refused:
        return Verdict(refused.code, refused.text, "")


def _hold_to(limits: Limits, instrument: str, weight: Weight, used: Decimal) -> None:
    if not limits.allows(instrument):
        raise Refused("50027", instrument[:32] or "an order without its pair")
    if weight.refused is not None:
        raise weight.refused
    per_order, per_day = limits.most_per_order, limits.most_per_day
    if per_order is not None and weight.worth > per_order:
        raise Refused("51005", plain(per_order), plain(weight.worth))
    left = max((per_day or Decimal(0)) - used, Decimal(0))
    if per_day is not None and weight.adds > left:
        raise Refused(DAY_IS_FULL, plain(per_day), plain(left), plain(weight.adds))
