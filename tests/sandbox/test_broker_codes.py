"""Who holds which code, on which terms, and when a report may be asked for: rules of the core."""

from typing import Any

import pytest

from connect_portal.sandbox.engine.brokers import codes_of, held_by
from connect_portal.sandbox.engine.commands import AskReport, SetBroker, SetClient
from connect_portal.sandbox.engine.errors import Refused
from connect_portal.sandbox.engine.events import Outcome
from connect_portal.sandbox.engine.exchange import Exchange
from tests.sandbox.engine.floor import DAY_MS, Floor

RATES = {"rate": 250_000_000, "affiliated_rate": 50_000_000}
HOUR_MS = 3_600_000
TODAY, YESTERDAY = "20261123", "20261122"


class Office:
    """A floor where codes are given out."""

    def __init__(self) -> None:
        self.floor = Floor("Acme", "Zenith")

    def give(self, name: str, code: str, kind: str = "api", **terms: Any) -> Outcome:
        uid = self.floor.uids.get(name, name)
        return self.floor.do(SetBroker(uid=uid, code=code, kind=kind, **(RATES | terms)))

    def ask(self, name: str, begin: str, end: str, kind: str = "") -> Outcome:
        uid = self.floor.uids[name]
        secret = str(self.floor.now)
        return self.floor.do(AskReport(uid=uid, begin=begin, end=end, secret=secret, kind=kind))

    def wait(self, ms: int) -> None:
        self.floor.now += ms


@pytest.fixture
def office() -> Office:
    return Office()


# --- codes --------------------------------------------------------------------------------------
def test_a_code_belongs_to_one_account_and_one_kind(office: Office) -> None:
    assert office.give("Acme", "ABCD").code == "0"
    assert office.give("Zenith", "ABCD").code == "50071"
    assert office.give("Acme", "ABCD", "oauth").code == "50071"
    assert office.give("Zenith", "abcd").code == "0"


@pytest.mark.parametrize("code", ["", "A-B", "A" * 17, "ÄB", "A B"])
def test_a_code_is_up_to_sixteen_letters_and_digits(office: Office, code: str) -> None:
    outcome = office.give("Acme", code)
    assert (outcome.code, outcome.detail) == ("51000", "code")


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ({"kind": "both"}, "brokerType"),
        ({"rate": 10**9 + 1}, "rate"),
        ({"affiliated_rate": -1}, "affiliated_rate"),
        ({"sub_share": 600_000_000, "client_share": 500_000_000}, "client_share"),
        ({"monthly_cap": -1}, "monthly_cap"),
        ({"report_ms": -1}, "report_ms"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_terms_that_cannot_hold_are_refused_by_name(
    office: Office, terms: dict[str, Any], named: str
) -> None:
    outcome = office.give("Acme", "ABCD", **terms)
    assert (outcome.code, outcome.detail) == ("51000", named)
    assert not office.floor.exchange.state.brokers


@pytest.mark.parametrize("uid", ["house", "0"])
def test_only_a_users_account_can_hold_a_code(office: Office, uid: str) -> None:
    assert office.give(uid, "ABCD").code == "50008"


def test_a_newer_code_does_not_end_the_older_one(office: Office) -> None:
    for code in ("OLD", "NEW"):
        office.give("Acme", code)
    state, uid = office.floor.exchange.state, office.floor.uids["Acme"]
    assert held_by(state, uid, "").code == "NEW"
    assert codes_of(state, uid, "api") == ["OLD", "NEW"]


def test_an_account_with_both_kinds_must_say_which(office: Office) -> None:
    state, uid = office.floor.exchange.state, office.floor.uids["Acme"]
    with pytest.raises(Refused, match="50030"):
        held_by(state, uid, "")
    office.give("Acme", "ABCD")
    with pytest.raises(Refused, match="51000"):
        held_by(state, uid, "oauth")
    office.give("Acme", "EFGH", "oauth")
    assert held_by(state, uid, "oauth").code == "EFGH"
    with pytest.raises(Refused, match="50044"):
        held_by(state, uid, "")


def test_the_same_terms_again_are_not_noted_twice(office: Office) -> None:
    for rate in (1, 1, 2, 2):
        office.give("Acme", "ABCD", rate=rate)
        office.wait(1000)
    assert [terms.rate for terms in office.floor.exchange.state.brokers["ABCD"].terms] == [1, 2]


@pytest.mark.parametrize(
    ("agreed", "named"),
    [
        ({"card_share": 10**9 + 1}, "card_share"),
        ({"affiliate_share": -1, "affiliated": True}, "affiliate_share"),
        ({"affiliate_share": 1}, "affiliated"),
    ],
    ids=["card", "share", "nobody"],
)
def test_what_a_client_cannot_have_agreed_is_refused_by_name(
    office: Office, agreed: dict[str, Any], named: str
) -> None:
    outcome = office.floor.do(SetClient(uid=office.floor.uids["Bob"], **agreed))
    assert (outcome.code, outcome.detail) == ("51000", named)


# --- reports ------------------------------------------------------------------------------------
def test_a_report_is_ready_after_half_a_minute_or_as_the_operator_says(office: Office) -> None:
    office.give("Acme", "ABCD")
    report = office.ask("Acme", YESTERDAY, YESTERDAY).value
    assert report.ready - report.asked == 30_000
    office.wait(HOUR_MS)
    office.give("Acme", "ABCD", report_ms=7_200_000)
    report = office.ask("Acme", YESTERDAY, TODAY).value
    assert report.ready - report.asked == 7_200_000


def test_one_report_an_hour_and_none_while_one_is_made(office: Office) -> None:
    office.give("Acme", "ABCD")
    assert office.ask("Acme", YESTERDAY, YESTERDAY).code == "0"
    assert office.ask("Acme", YESTERDAY, YESTERDAY).code == "51607"
    office.wait(30_000)
    assert office.ask("Acme", YESTERDAY, TODAY).code == "50011"
    office.wait(HOUR_MS - 30_000)
    assert office.ask("Acme", YESTERDAY, TODAY).code == "0"


def test_two_brokers_do_not_wait_for_each_other(office: Office) -> None:
    for name, code in (("Acme", "ABCD"), ("Zenith", "EFGH")):
        office.give(name, code)
        assert office.ask(name, YESTERDAY, YESTERDAY).code == "0"


def test_a_refused_request_does_not_count(office: Office) -> None:
    office.give("Acme", "ABCD")
    assert office.ask("Acme", TODAY, YESTERDAY).code == "51000"
    assert office.ask("Acme", TODAY, TODAY).code == "0"


def test_days_that_were_over_are_reported_once_and_today_again(office: Office) -> None:
    office.give("Acme", "ABCD")
    first = office.ask("Acme", YESTERDAY, YESTERDAY).value
    office.wait(HOUR_MS)
    assert office.ask("Acme", YESTERDAY, YESTERDAY).value == first
    office.wait(HOUR_MS)
    partial = office.ask("Acme", TODAY, TODAY).value
    office.wait(DAY_MS)
    assert office.ask("Acme", TODAY, TODAY).value.report_id > partial.report_id


@pytest.mark.parametrize(
    ("begin", "end", "code", "detail"),
    [
        ("20260101", "20260629", "0", ""),
        ("20260101", "20260630", "50076", "180"),
        ("2026-01-01", "20260101", "51000", "begin"),
        ("20260101", "20260230", "51000", "end"),
        ("00000101", "20260101", "51000", "begin"),
        ("20260102", "20260101", "51000", "end"),
    ],
)
def test_days_are_written_in_eight_digits_and_span_180_at_most(
    office: Office, begin: str, end: str, code: str, detail: str
) -> None:
    office.give("Acme", "ABCD")
    outcome = office.ask("Acme", begin, end)
    assert (outcome.code, outcome.detail) == (code, detail)


def test_codes_clients_and_reports_survive_a_restart(office: Office) -> None:
    office.give("Acme", "ABCD")
    office.floor.do(SetClient(uid=office.floor.uids["Bob"], managed=True))
    office.ask("Acme", YESTERDAY, YESTERDAY)
    before = office.floor.exchange
    office.floor.exchange = Exchange.restore(before.snapshot())
    assert office.floor.exchange.state_hash() == before.state_hash()
    assert office.ask("Acme", YESTERDAY, YESTERDAY).code == "51607"
