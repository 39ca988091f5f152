"""The funding account, which on the sandbox is the trading account; nothing leaves or arrives.

https://www.okx.com/docs-v5/en/#funding-account-rest-api
"""

from typing import Any

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.units import plain
from connect_portal.sandbox.wire.endpoints import READ, Call, endpoint
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.objects import blanks
from connect_portal.sandbox.wire.rest.account import CCY_LIST, currencies_of

CURRENCY_BLANKS = blanks(
    "burningFeeRate ctAddr depEstOpenTime depQuotaFixed depQuoteDailyLayer2 feeForCtAddr logoLink"
    " maxFeeForCtAddr minFeeForCtAddr usedDepQuotaFixed wdEstOpenTime"
)
NOTHING_MOVES = {
    **dict.fromkeys(("canDep", "canWd", "canInternal", "needTag"), False),
    **dict.fromkeys(("fee", "maxFee", "minFee", "minDep", "minInternal", "minWd", "maxWd"), "0"),
    **dict.fromkeys(("minDepArrivalConfirm", "minWdUnlockConfirm", "usedWdQuota", "wdQuota"), "0"),
    "mainNet": True,
    "wdTickSz": "8",
}


@endpoint("GET", "asset/currencies", CCY_LIST, permission=READ, limit=Limit(6, 1))
async def currencies(call: Call) -> list[Any]:
    """Every currency, on a chain of paper: money comes from the faucet and cannot leave."""
    wanted = currencies_of(call)
    return [
        {**CURRENCY_BLANKS, **NOTHING_MOVES, "ccy": ccy, "name": ccy, "chain": f"{ccy}-Paper"}
        for ccy in call.world.currencies
        if not wanted or ccy in wanted
    ]


@endpoint("GET", "asset/balances", CCY_LIST, permission=READ, limit=Limit(6, 1))
async def balances(call: Call) -> list[Any]:
    """The same balances as the trading account's."""
    wanted = currencies_of(call)
    return [
        {
            "ccy": ccy,
            "bal": plain(balance.total),
            "availBal": plain(balance.available),
            "frozenBal": plain(balance.held),
        }
        for ccy, balance in ledger.balances(call.world.state, call.uid)
        if not wanted or ccy in wanted
    ]
