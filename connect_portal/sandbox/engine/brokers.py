"""Verbs on brokers: who holds which code on which terms, whose client is whose, report requests.

Source: https://www.okx.com/docs-v5/broker_en/#fully-disclosed-broker.
"""

import re
from datetime import date
from typing import TypeVar

import msgspec

from connect_portal.sandbox.engine.commands import AskReport, SetBroker, SetClient
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.fees import BILLION
from connect_portal.sandbox.engine.matching import DAY_MS
from connect_portal.sandbox.engine.model import USER_ACCOUNT, Account, State
from connect_portal.sandbox.engine.programme import Broker, Report, Standing, Terms
from connect_portal.sandbox.engine.world import World

Agreed = TypeVar("Agreed", Terms, Standing)
KINDS = ("api", "oauth")
CODE = re.compile(r"[A-Za-z0-9]{1,16}", re.ASCII)
DAY = re.compile(r"[0-9]{8}", re.ASCII)
EPOCH = date(1970, 1, 1)
LONGEST_DAYS = 180
REPORTS_KEPT = 1000
HOUR_MS = 3_600_000


def set_broker(world: World, command: SetBroker) -> Broker:
    """Give an account a code, or change the terms of one that it holds, from now on.

    A newer code of the same kind does not end an older one; `valid_until` does. Refuses 50008,
    51000 (naming what is wrong) and 50071 for a code that is given out otherwise.
    """
    account = _user(world, command.uid)
    _refuse_bad_terms(command)
    broker = world.state.brokers.get(command.code)
    if broker is None:
        broker = Broker(command.code, account.uid, command.kind, [])
        world.state.brokers[broker.code] = broker
    elif (broker.uid, broker.kind) != (account.uid, command.kind):
        raise Refused("50071", "code")
    broker.report_ms = command.report_ms
    agreed = Terms(
        world.now,
        command.rate,
        command.affiliated_rate,
        command.sub_share,
        command.client_share,
        command.monthly_cap,
        command.valid_until,
    )
    _agree(broker.terms, agreed)
    return broker


def set_client(world: World, command: SetClient) -> Standing:
    """Say what an account has agreed besides, from now on. Refuses 50008 and 51000."""
    account = _user(world, command.uid)
    for name in ("affiliate_share", "card_share"):
        if not 0 <= getattr(command, name) <= BILLION:
            raise Refused("51000", name)
    if command.affiliate_share and not command.affiliated:
        raise Refused("51000", "affiliated")
    agreed = Standing(
        world.now,
        command.affiliated,
        command.affiliate_share,
        command.card_share,
        command.special_rate,
        command.managed,
    )
    _agree(world.state.clients.setdefault(account.uid, []), agreed)
    return agreed


def ask_report(world: World, command: AskReport) -> Report:
    """Ask for a file of rebates; the one there is for the same days, once they were over.

    Refuses 50030 to who is no broker, 50044 (two kinds, none named), 51000 and 50076 (days),
    51607 while one is being made, 50011 within an hour of the last, by the business clock.
    """
    broker = held_by(world.state, command.uid, command.kind)
    begin, end = day_of(command.begin, "begin"), day_of(command.end, "end")
    if end < begin:
        raise Refused("51000", "end")
    if end - begin >= LONGEST_DAYS:
        raise Refused("50076", str(LONGEST_DAYS))
    reports = world.state.reports.setdefault(command.uid, [])
    if any(report.ready > world.now for report in reports if report.kind == broker.kind):
        raise Refused("51607")
    if reports and world.now - world.state.asked[command.uid] < HOUR_MS:
        raise Refused("50011")
    world.state.asked[command.uid] = world.now
    found = find_report(world.state, broker, begin, end)
    if found is not None and found.asked >= (end + 1) * DAY_MS:
        return found
    ready = world.now + broker.report_ms
    report = Report(world.next_id(), broker.kind, begin, end, world.now, ready, command.secret)
    reports.append(report)
    del reports[:-REPORTS_KEPT]
    return report


def held_by(state: State, uid: str, kind: str) -> Broker:
    """The newest code of an account. Refuses 50030, 50044 and 51000 (a kind it does not have)."""
    held = [broker for broker in state.brokers.values() if broker.uid == uid]
    kinds = {broker.kind for broker in held}
    if not held:
        raise Refused("50030")
    if not kind and len(kinds) > 1:
        raise Refused("50044")
    if kind and kind not in kinds:
        raise Refused("51000", "brokerType")
    return [broker for broker in held if kind in ("", broker.kind)][-1]


def codes_of(state: State, uid: str, kind: str) -> list[str]:
    """Every code of one kind that the account has ever held."""
    held = (broker for broker in state.brokers.values() if broker.uid == uid)
    return [broker.code for broker in held if broker.kind == kind]


def find_report(state: State, broker: Broker, begin: int, end: int) -> Report | None:
    """The newest report of these days."""
    for report in reversed(state.reports.get(broker.uid, ())):
        if (report.kind, report.begin, report.end) == (broker.kind, begin, end):
            return report
    return None


def day_of(text: str, name: str) -> int:
    """Days since 1970 of a `YYYYMMDD`. Refuses 51000."""
    try:
        if not DAY.fullmatch(text):
            raise ValueError(text)
        return (date(int(text[:4]), int(text[4:6]), int(text[6:])) - EPOCH).days
    except ValueError as error:
        raise Refused("51000", name) from error


def _user(world: World, uid: str) -> Account:
    account = world.account(uid)
    if account.kind != USER_ACCOUNT:
        raise Refused("50008")
    return account


def _refuse_bad_terms(command: SetBroker) -> None:
    if not CODE.fullmatch(command.code):
        raise Refused("51000", "code")
    if command.kind not in KINDS:
        raise Refused("51000", "brokerType")
    for name in ("rate", "affiliated_rate", "sub_share", "client_share"):
        if not 0 <= getattr(command, name) <= BILLION:
            raise Refused("51000", name)
    if command.sub_share + command.client_share > BILLION:
        raise Refused("51000", "client_share")
    for name in ("monthly_cap", "valid_until", "report_ms"):
        if getattr(command, name) < 0:
            raise Refused("51000", name)


def _agree(agreed: list[Agreed], newest: Agreed) -> None:
    """Note what holds from now on; the same again changes nothing."""
    if agreed and msgspec.structs.replace(newest, since=agreed[-1].since) == agreed[-1]:
        return
    if agreed and agreed[-1].since == newest.since:
        agreed.pop()
    agreed.append(newest)
