"""The caller's account: balance, configuration, what it may trade, at what fee and how much.

https://www.okx.com/docs-v5/en/#trading-account-rest-api
"""

import time
from typing import Any

from connect_portal import facts
from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.fees import level_name
from connect_portal.sandbox.engine.units import ONE, Instrument, parse, plain
from connect_portal.sandbox.wire import params, prices
from connect_portal.sandbox.wire.endpoints import READ, Call, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import NEW_AND_AMENDED, Limit
from connect_portal.sandbox.wire.objects import balance_row, blanks
from connect_portal.sandbox.wire.rest.public import ANY_TYPE, INST_TYPE, instruments

CURRENCIES_AT_ONCE, PAIRS_AT_ONCE = 20, 5
CCY_LIST = params.word("ccy", longest=400)
INST_LIST = params.word("instId", required=True, longest=200)
TD_MODE = params.choice("tdMode", "cash", "cross", "isolated", "spot_isolated", required=True)
CONFIG_BLANKS = blanks("levelTmp settleCcy")
OWN_BLANKS = blanks(
    "elp longPosRemainingQuota maxPlatOICoinLmt maxPlatOILmt posLmtAmt posLmtPct seriesId"
    " shortPosRemainingQuota"
)


def currencies_of(call: Call) -> frozenset[str]:
    """The currencies a request names, none for all. Raises 50025 for more than 20."""
    named = frozenset(part.strip() for part in call["ccy"].split(",") if part.strip())
    if len(named) > CURRENCIES_AT_ONCE:
        raise WireError("50025", "ccy", str(CURRENCIES_AT_ONCE))
    return named


@endpoint("GET", "account/balance", CCY_LIST, permission=READ, limit=Limit(10))
async def balance(call: Call) -> list[Any]:
    """One balance object, even for an account with nothing in it."""
    return [balance_row(call.world, call.account, currencies_of(call))]


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
            "stgyType": "0",
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
    return [{**row, **OWN_BLANKS} for row in await instruments(call)]


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
    "account/max-size",
    INST_LIST,
    TD_MODE,
    params.number("px"),
    params.word("tradeQuoteCcy"),
    permission=READ,
    limit=Limit(20),
)
async def max_size(call: Call) -> list[Any]:
    """The most an order may buy, in base, and sell, in quote, at `px` or at the last price."""
    return [_max_size(call, pair) for pair in _pairs(call)]


@endpoint(
    "GET",
    "account/max-avail-size",
    INST_LIST,
    TD_MODE,
    params.word("tradeQuoteCcy"),
    permission=READ,
    limit=Limit(20),
)
async def max_avail_size(call: Call) -> list[Any]:
    """What there is to pay with: quote for a buy, base for a sale."""
    return [
        {
            "instId": pair.inst_id,
            "availBuy": plain(_available(call, pair.quote)),
            "availSell": plain(_available(call, pair.base)),
        }
        for pair in _pairs(call)
    ]


@endpoint(
    "GET",
    "account/positions",
    ANY_TYPE,
    params.word("instId", longest=200),
    params.word("posId", longest=600),
    permission=READ,
    limit=Limit(10),
)
async def positions(call: Call) -> list[Any]:
    """A spot account has none."""
    return []


@endpoint("GET", "trade/account-rate-limit", permission=READ, limit=Limit(1, 1))
async def account_rate_limit(call: Call) -> list[Any]:
    """How many orders the account may place and amend in two seconds; no tier widens it here."""
    most = str(NEW_AND_AMENDED.count)
    return [
        {
            **blanks("fillRatio mainFillRatio"),
            "accRateLimit": most,
            "nextAccRateLimit": most,
            "ts": str(call.received // 1000),
        }
    ]


def _pairs(call: Call) -> list[Instrument]:
    names = [name.strip() for name in call["instId"].split(",")]
    if len(names) > PAIRS_AT_ONCE:
        raise WireError("50025", "instId", str(PAIRS_AT_ONCE))
    if unknown := set(names) - call.world.instruments.keys():
        raise WireError("51001", *sorted(unknown))
    return [call.world.instruments[name] for name in names]


def _available(call: Call, ccy: str) -> int:
    return ledger.available(call.world.state, call.uid, ccy)


def _max_size(call: Call, pair: Instrument) -> dict[str, str]:
    last = call.world.state.tapes[pair.inst_id].last_px * pair.tick
    px = parse(call["px"]) if call["px"] else last
    there = _available(call, pair.quote)
    lots = there * ONE // px // pair.lot if px else 0
    return {
        "instId": pair.inst_id,
        "ccy": pair.base,
        "maxBuy": plain(lots * pair.lot),
        "maxSell": plain(_available(call, pair.base) * (px or 0) // ONE),
    }
