"""How an account wants to trade. A spot venue stores the position mode and has one of the others.

https://www.okx.com/docs-v5/en/#trading-account-rest-api-set-position-mode and its neighbours.
"""

from typing import Any

from connect_portal.sandbox.engine.commands import SetPositionMode
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.endpoints import TRADE, Call, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit

SPOT_LEVEL, IN_RECEIVED_CURRENCY = "1", "0"


@endpoint(
    "POST",
    "account/set-position-mode",
    params.choice("posMode", "long_short_mode", "net_mode", required=True),
    permission=TRADE,
    limit=Limit(5),
)
async def set_position_mode(call: Call) -> list[Any]:
    """Store the mode: in long_short_mode strategy orders may name a position side."""
    await call.store.submit(SetPositionMode(uid=call.uid, mode=call["posMode"]))
    return [{"posMode": call["posMode"]}]


@endpoint(
    "POST",
    "account/set-account-level",
    params.choice("acctLv", "1", "2", "3", "4", required=True),
    permission=TRADE,
    limit=Limit(5),
)
async def set_account_level(call: Call) -> list[Any]:
    """Spot mode is the only one."""
    if call["acctLv"] != SPOT_LEVEL:
        raise WireError("51070")
    return [{"acctLv": SPOT_LEVEL}]


@endpoint(
    "POST",
    "account/set-fee-type",
    params.choice("feeType", "0", "1", required=True),
    permission=TRADE,
    limit=Limit(5),
)
async def set_fee_type(call: Call) -> list[Any]:
    """Fees are charged in the currency received."""
    if call["feeType"] != IN_RECEIVED_CURRENCY:
        raise WireError("50062")
    return [{"feeType": IN_RECEIVED_CURRENCY}]
