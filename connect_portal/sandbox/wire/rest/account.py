"""The caller's account: balances, configuration, fees, bills.

https://www.okx.com/docs-v5/en/#trading-account-rest-api
"""

import time
from typing import Any

from connect_portal import facts
from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.commands import SetPositionMode
from connect_portal.sandbox.engine.fees import level_name
from connect_portal.sandbox.engine.model import Bill
from connect_portal.sandbox.engine.units import plain
from connect_portal.sandbox.wire import params, prices
from connect_portal.sandbox.wire.endpoints import READ, TRADE, Call, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.objects import balance_row, bill_row, blanks
from connect_portal.sandbox.wire.rest.public import INST_TYPE, instruments
from connect_portal.sandbox.wire.selection import Selection

CCY_LIST = params.word("ccy", longest=200)
CONFIG_BLANKS = blanks("levelTmp settleCcy stgyType")


def _currencies(call: Call) -> frozenset[str]:
    return frozenset(part.strip() for part in call["ccy"].split(",") if part.strip())


@endpoint("GET", "account/balance", CCY_LIST, permission=READ, limit=Limit(10))
async def balance(call: Call) -> list[Any]:
    """One balance object, even for an account with nothing in it."""
    return [balance_row(call.world, call.account, _currencies(call))]


@endpoint("GET", "asset/balances", CCY_LIST, permission=READ, limit=Limit(6, 1))
async def funding_balances(call: Call) -> list[Any]:
    """Funding balances: the sandbox has one account per user, so they equal the trading ones."""
    wanted = _currencies(call)
    return [
        {
            "ccy": ccy,
            "bal": plain(b.available + b.held),
            "availBal": plain(b.available),
            "frozenBal": plain(b.held),
        }
        for ccy, b in ledger.balances(call.world.state, call.uid)
        if not wanted or ccy in wanted
    ]


@endpoint("GET", "asset/currencies", CCY_LIST, permission=READ, limit=Limit(6, 1))
async def currencies(call: Call) -> list[Any]:
    """No chains: money comes from the faucet and cannot leave."""
    return []


@endpoint("GET", "account/config", permission=READ, limit=Limit(5))
async def config(call: Call) -> list[Any]:
    """The account's settings and what the calling key may do."""
    account, key = call.account, call.key
    return [
        {
            **CONFIG_BLANKS,
            "uid": account.uid,
            "mainUid": account.uid,
            "acctLv": "1",
            "acctStpMode": "cancel_maker",
            "posMode": account.position_mode,
            "autoLoan": False,
            "greeksType": "PA",
            "feeType": "0",
            "level": level_name(account.level),
            "ctIsoMode": "automatic",
            "mgnIsoMode": "automatic",
            "spotOffsetType": "",
            "roleType": "0",
            "traderInsts": [],
            "spotRoleType": "0",
            "spotTraderInsts": [],
            "opAuth": "0",
            "kycLv": "2",
            "label": key.label if key else "",
            "ip": key.ip if key else "",
            "perm": key.perm if key else "",
            "liquidationGear": "-1",
            "enableSpotBorrow": False,
            "spotBorrowAutoRepay": False,
            "type": "0",
            "settleCcyList": [],
        }
    ]


@endpoint(
    "GET",
    "account/instruments",
    INST_TYPE,
    params.word("instId"),
    permission=READ,
    limit=Limit(20, per="instType"),
)
async def account_instruments(call: Call) -> list[Any]:
    """The pairs this account may trade: all of them."""
    extra = blanks("elp posLmtAmt posLmtPct maxPlatOILmt maxPlatOICoinLmt seriesId")
    return [{**extra, **row} for row in await instruments(call)]


@endpoint(
    "GET",
    "account/trade-fee",
    INST_TYPE,
    params.word("instId"),
    params.word("instFamily"),
    params.word("groupId"),
    permission=READ,
    limit=Limit(5),
)
async def trade_fee(call: Call) -> list[Any]:
    """Rates by fee group, and once more flat for clients that still read those keys.

    The flat ones are those of the pair or group asked for, else of the first group.
    """
    if call["instId"] and call["groupId"]:
        raise WireError("50024", "instId", "groupId")
    if call["instType"] != "SPOT":
        return []
    asked = call.instrument().group if call["instId"] else call["groupId"]
    rows = {row["groupId"]: row for row in prices.fee_group_rows(call.account.level)}
    if asked and asked not in rows:
        raise WireError("51000", "groupId")
    flat = rows[asked or next(iter(facts.fee_groups()))]
    return [
        {
            **blanks("delivery exercise"),
            "instType": call["instType"],
            "level": level_name(call.account.level),
            "category": "1",
            "feeGroup": [rows[asked]] if asked else list(rows.values()),
            **dict.fromkeys(("maker", "makerU", "makerUSDC"), flat["maker"]),
            **dict.fromkeys(("taker", "takerU", "takerUSDC"), flat["taker"]),
            "ruleType": "normal",
            "fiat": [],
            "ts": str(time.time_ns() // 1_000_000),
        }
    ]


@endpoint(
    "GET",
    "account/bills",
    params.word("instType"),
    params.word("ccy"),
    params.word("type"),
    params.word("subType"),
    params.whole("after"),
    params.whole("before"),
    params.whole("begin"),
    params.whole("end"),
    params.limit(),
    permission=READ,
    limit=Limit(5, 1),
)
async def bills(call: Call) -> list[Any]:
    """Movements of money, newest first, paged by billId."""
    wanted = (
        Selection(call.uid)
        .where("ccy = ?", call["ccy"])
        .where("kind = ?", call["type"])
        .where("sub = ?", call["subType"])
        .within(call)
    )
    found = await wanted.newest(call, Bill)
    return [bill_row(call.world.instruments, bill) for bill in found]


@endpoint(
    "POST",
    "account/set-position-mode",
    params.choice("posMode", "long_short_mode", "net_mode", required=True),
    permission=TRADE,
    limit=Limit(5),
)
async def set_position_mode(call: Call) -> list[Any]:
    """Store the mode; a spot account only echoes it."""
    await call.store.submit(SetPositionMode(uid=call.uid, mode=call["posMode"]))
    return [{"posMode": call["posMode"]}]
