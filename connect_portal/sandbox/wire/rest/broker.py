"""The broker's side of the venue: may this user earn me a rebate, and the files of rebates.

https://www.okx.com/docs-v5/broker_en/#fully-disclosed-broker. Called with the broker's own key; to
read is enough. Who holds no code is answered 50030. Times follow the business clock.
"""

import asyncio
import secrets
import sqlite3
from typing import Any

from connect_portal.sandbox import rebates
from connect_portal.sandbox.engine.brokers import KINDS, day_of, find_report, held_by
from connect_portal.sandbox.engine.commands import AskReport
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.fees import BILLION
from connect_portal.sandbox.engine.matching import DAY_MS
from connect_portal.sandbox.engine.model import Account
from connect_portal.sandbox.engine.programme import Broker, Report, standing_at
from connect_portal.sandbox.engine.units import ONE, plain
from connect_portal.sandbox.errors import StoreUnavailable
from connect_portal.sandbox.wire import params, reports
from connect_portal.sandbox.wire.endpoints import READ, Call, endpoint
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.limits import Limit
from connect_portal.sandbox.wire.objects import Row

BROKER_TYPE = params.choice("brokerType", *KINDS)
EARNS, EXPIRED, CAP_REACHED, TIER, MANAGED = "0", "1", "2", "3", "4"
TYPE_OF = {"expired": EXPIRED, "managed": MANAGED, "tier": TIER}


@endpoint(
    "GET",
    "broker/fd/if-rebate",
    params.word("apiKey", required=True),
    BROKER_TYPE,
    permission=READ,
    limit=Limit(2, 1),
)
async def if_rebate(call: Call) -> list[Any]:
    """Whether the owner of an API key can earn the caller a rebate, and why not.

    For a special rate OKX has no type: it is told as 0, and earns nothing all the same.
    """
    broker = _broker(call)
    key = call.exchange.state.keys.get(call["apiKey"])
    if key is None:
        raise WireError("59506")
    account, terms, now = call.world.account(key.uid), broker.terms[-1], call.store.business_ms()
    client = standing_at(call.exchange.state.clients.get(account.uid, []), now)
    used = await _used(call, broker, account, now)
    why = TYPE_OF.get(rebates.exclusion(account.level, client, terms, now), EARNS)
    if why == EARNS and used is not None and used >= terms.monthly_cap:
        why = CAP_REACHED
    return [
        {
            "type": why,
            "brokerCode": broker.code,
            "affiliated": client.affiliated,
            "clientRebateRatio": plain(terms.client_share * ONE // BILLION),
            "lastRebate": "" if used is None else plain(used),
        }
    ]


@endpoint(
    "POST",
    "broker/fd/rebate-per-orders",
    params.word("begin", required=True),
    params.word("end", required=True),
    BROKER_TYPE,
    permission=READ,
    limit=Limit(1, 3600, business_time=True),
)
async def ask_report(call: Call) -> list[Any]:
    """Ask for the rebates of some UTC days, the last one included; "true" = they are there."""
    secret = secrets.token_hex(16)
    command = AskReport(
        uid=call.uid,
        begin=call["begin"],
        end=call["end"],
        kind=call["brokerType"],
        secret=secret,
    )
    outcome = await call.store.submit(command)
    if outcome.code != "0":
        raise WireError(outcome.code, outcome.detail)
    report: Report = outcome.value
    was_there = report.secret != secret
    return [{"result": "true" if was_there else "false", "ts": str(report.asked)}]


@endpoint(
    "GET",
    "broker/fd/rebate-per-orders",
    params.choice("type", "true", "false", required=True),
    params.word("begin"),
    params.word("end"),
    BROKER_TYPE,
    permission=READ,
    limit=Limit(2, 60),
)
async def show_reports(call: Call) -> list[Any]:
    """All reports asked for, newest first, or the one of the given days; 51604 if there is none."""
    broker = _broker(call)
    if call["type"] == "true":
        asked = call.exchange.state.reports.get(call.uid, [])
        return [_row(call, report) for report in reversed(asked) if report.kind == broker.kind]
    for name in ("begin", "end"):
        if not call[name]:
            raise WireError("50014", name)
    try:
        days = day_of(call["begin"], "begin"), day_of(call["end"], "end")
    except Refused as refusal:
        raise WireError(refusal.code, refusal.detail) from refusal
    found = find_report(call.exchange.state, broker, *days)
    if found is None:
        raise WireError("51604")
    return [_row(call, found)]


def _broker(call: Call) -> Broker:
    try:
        return held_by(call.exchange.state, call.uid, call["brokerType"])
    except Refused as refusal:
        raise WireError(refusal.code, refusal.detail) from refusal


async def _used(call: Call, broker: Broker, account: Account, now: int) -> int | None:
    """This month's rebates of a client whose tier has a cap, in units."""
    if account.level not in rebates.CAPPED:
        return None
    reader = reports.Reader(call.store, broker.uid, broker.kind)
    try:
        return await asyncio.to_thread(reader.used_by, account.uid, now)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"Cannot read the history: {error}.") from error


def _row(call: Call, report: Report) -> Row:
    now = call.store.business_ms()
    finished = now >= report.ready
    return {
        "fileHref": f"http://{call.host}{reports.link(report, now)}" if finished else "",
        "beginTime": str(report.begin * DAY_MS),
        "endTime": str((report.end + 1) * DAY_MS),
        "cTime": str(report.asked),
        "ts": str(now) if finished else "",
        "state": "finished" if finished else "ongoing",
    }
