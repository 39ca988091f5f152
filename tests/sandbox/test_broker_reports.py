"""Files of rebates on a live exchange: asked for, waited for, fetched by a link, read as CSV.

Alice trades with Bob under Acme's code; each test has people of its own on one exchange whose
business clock only moves forward.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import okx.FDBroker
import pytest
import requests

from tests.sandbox.conftest import Sandbox, Trader, start_sandbox, stop_sandbox
from tests.sandbox.signing import order, signed

REBATES = "/api/v5/broker/fd/rebate-per-orders"
RATES = {"rate": "0.25", "affiliated_rate": "0.05"}
HEADER = (
    "brokerCode,level,uid,instId,ordId,clOrdId,spotTradeAmt,derivativeTradeAmt,fee,netFee,"
    "settlementFee,brokerRebate,subBrokerRebate,userRebate,affiliated,ts"
)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """An exchange whose clock these tests may move."""
    running = start_sandbox(tmp_path_factory.mktemp("brokers"), "quiet")
    yield running
    assert stop_sandbox(running) == 0


class Story:
    """One test's people: Acme with a code of its own, Alice its client, Bob who trades with her."""

    def __init__(self, exchange: Sandbox, number: int) -> None:
        self.exchange, self.code = exchange, f"Code{number}"
        self.acme = exchange.trader(f"Acme {number}", perm="read_only")
        money = {"BTC": "10", "USDT": "1000000"}
        self.alice = exchange.trader(f"Alice {number}", **money)
        self.bob = exchange.trader(f"Bob {number}", **money)
        for trader in (self.alice, self.bob):
            exchange.operate("POST", f"/accounts/{trader.uid}/level", {"level": "Regular"})
        self.agree()

    def agree(self, who: Trader | None = None, **terms: Any) -> Any:
        """A code for Acme (or somebody), with terms from now on."""
        body = RATES | {"code": self.code, "kind": "api"} | terms
        return self.exchange.operate("POST", f"/accounts/{(who or self.acme).uid}/broker", body)

    def trade(self, sz: str = "0.2", px: str = "50000", **more: str) -> str:
        """Alice buys from Bob, with the code; the id of her order."""
        order(self.exchange, self.bob, "sell", sz, px)
        return str(
            order(self.exchange, self.alice, "buy", sz, px, **{"tag": self.code} | more)["ordId"]
        )

    def today(self, days: int = 0) -> str:
        """The business day, or one `days` later."""
        ts = self.exchange.operate("GET", "/clock")["ts"]
        return f"{datetime.fromtimestamp(ts / 1000, UTC) + timedelta(days=days):%Y%m%d}"

    def wait(self, **span: float) -> None:
        """Let business time go by."""
        ts = self.exchange.operate("GET", "/clock")["ts"]
        to = ts + timedelta(**span) // timedelta(milliseconds=1)
        self.exchange.operate("POST", "/clock", {"to": str(to)})

    def ask(self, begin: str, end: str, who: Trader | None = None, **more: str) -> Any:
        body = {"begin": begin, "end": end, **more}
        return signed(self.exchange, who or self.acme, "POST", REBATES, body).json()

    def show(self, query: str = "type=true", who: Trader | None = None) -> Any:
        return signed(self.exchange, who or self.acme, "GET", f"{REBATES}?{query}").json()

    def report(self, begin: str, end: str) -> bytes:
        """Ask, wait, and fetch the file."""
        assert self.ask(begin, end)["code"] == "0"
        self.wait(seconds=31)
        (row,) = self.show(f"type=false&begin={begin}&end={end}")["data"]
        assert row["state"] == "finished"
        answer = requests.get(row["fileHref"], timeout=10)
        assert answer.headers["content-type"] == "application/zip"
        return answer.content


@pytest.fixture
def make(exchange: Sandbox) -> Callable[[], Story]:
    def story() -> Story:
        Story.told = getattr(Story, "told", 0) + 1
        return Story(exchange, Story.told)

    return story


@pytest.fixture
def story(make: Callable[[], Story]) -> Story:
    return make()


def rows_of(file: bytes) -> list[dict[str, str]]:
    """The lines of the CSV in the zip, whole and with the right columns."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.testzip() is None
        (name,) = archive.namelist()
        assert name.endswith(".csv")
        text = archive.read(name).decode()
    assert text.splitlines()[0] == HEADER
    return list(csv.DictReader(io.StringIO(text)))


# --- the road to a file -------------------------------------------------------------------------
def test_a_report_is_asked_for_made_and_fetched(story: Story) -> None:
    today = story.today()
    order_id = story.trade(clOrdId="mine1")
    order(story.exchange, story.bob, "sell", "0.1", "50000")
    order(story.exchange, story.alice, "buy", "0.1", "50000")  # without the code

    asked = story.ask(today, today)
    assert asked["data"] == [{"result": "false", "ts": asked["data"][0]["ts"]}]
    (ongoing,) = story.show(f"type=false&begin={today}&end={today}")["data"]
    assert (ongoing["state"], ongoing["fileHref"], ongoing["cTime"]) == (
        "ongoing",
        "",
        asked["data"][0]["ts"],
    )
    story.wait(seconds=30)
    (ready,) = story.show()["data"]
    assert (ready["state"], ready["cTime"]) == ("finished", ongoing["cTime"])
    assert int(ready["endTime"]) - int(ready["beginTime"]) == 86_400_000
    assert ready["fileHref"].startswith(f"{story.exchange.base_url}/broker/files/")

    (row,) = rows_of(requests.get(ready["fileHref"], timeout=10).content)
    assert row == {
        "brokerCode": story.code,
        "level": "Lv1",
        "uid": story.alice.uid,
        "instId": "BTC-USDT",
        "ordId": order_id,
        "clOrdId": "mine1",
        "spotTradeAmt": "10000",
        "derivativeTradeAmt": "0",
        "fee": "-35",
        "netFee": "35",
        "settlementFee": "35",
        "brokerRebate": "8.75",
        "subBrokerRebate": "0",
        "userRebate": "0",
        "affiliated": "false",
        "ts": row["ts"],
    }
    fills = signed(story.exchange, story.alice, "GET", "/api/v5/trade/fills").json()["data"]
    assert row["ts"] in {fill["ts"] for fill in fills if fill["ordId"] == order_id}


def test_a_real_client_asks_and_reads(story: Story) -> None:
    client = okx.FDBroker.FDBrokerAPI(
        story.acme.api_key,
        story.acme.secret,
        story.acme.passphrase,
        flag="0",
        domain=story.exchange.base_url,
        debug=False,
    )
    today = story.today()
    story.trade()
    assert (
        client.generate_rebate_details_download_link(today, today)["data"][0]["result"] == "false"
    )
    story.wait(seconds=30)
    (row,) = client.get_rebate_details_download_link("false", today, today)["data"]
    assert len(rows_of(requests.get(row["fileHref"], timeout=10).content)) == 1


def test_both_ends_of_the_span_count_and_nothing_outside(story: Story) -> None:
    days = []
    for sz in ("0.1", "0.2", "0.3", "0.4"):
        days.append(story.today())
        story.trade(sz)
        story.wait(days=1)
    assert [row["spotTradeAmt"] for row in rows_of(story.report(days[1], days[2]))] == [
        "10000",
        "15000",
    ]


def test_a_day_without_trades_makes_a_file_without_lines(story: Story) -> None:
    yesterday = story.today(-1)
    assert rows_of(story.report(yesterday, yesterday)) == []


def test_a_file_says_what_was_there_when_it_was_asked_for(story: Story) -> None:
    today = story.today()
    story.trade("0.1")
    assert story.ask(today, today)["code"] == "0"
    story.trade("0.2")
    story.wait(seconds=30)
    (row,) = story.show()["data"]
    assert len(rows_of(requests.get(row["fileHref"], timeout=10).content)) == 1
    story.wait(days=1)
    assert story.ask(today, today)["data"][0]["result"] == "false"
    story.wait(hours=1)
    assert story.ask(today, today)["data"][0]["result"] == "true"
    newest = story.show()["data"][0]
    assert len(rows_of(requests.get(newest["fileHref"], timeout=10).content)) == 2


def test_the_operator_shortens_the_wait(story: Story) -> None:
    assert story.agree(report_ms=0)["report_ms"] == 0
    story.ask(story.today(), story.today())
    assert story.show()["data"][0]["state"] == "finished"


# --- links --------------------------------------------------------------------------------------
def test_a_link_is_good_for_two_hours_and_a_new_one_brings_the_same_bytes(story: Story) -> None:
    story.trade()
    first = story.report(story.today(), story.today())
    (row,) = story.show()["data"]
    story.agree(rate="0.5")
    assert requests.get(row["fileHref"], timeout=10).content == first
    story.wait(hours=2)
    assert requests.get(row["fileHref"], timeout=10).status_code == 403


def test_a_link_cannot_be_guessed_or_stretched(story: Story) -> None:
    story.agree(report_ms=0)
    story.ask(story.today(), story.today())
    href = story.show()["data"][0]["fileHref"]
    number, ends, seal = href.rpartition("/")[2].removesuffix(".zip").split("-")
    root = href.rpartition("/")[0]
    for name in (
        f"{number}-{int(ends) + 1}-{seal}",
        f"{int(number) + 1}-{ends}-{seal}",
        f"{number}-{ends}-{'0' * 64}",
        f"{number}-{ends}",
        "..%2f..%2fhistory",
    ):
        assert requests.get(f"{root}/{name}.zip", timeout=10).status_code == 404
    assert requests.post(href, timeout=10).status_code == 404
    assert requests.get(href, timeout=10).status_code == 200


# --- who may, and how often ---------------------------------------------------------------------
def test_who_holds_no_code_is_refused(story: Story) -> None:
    today = story.today()
    assert story.ask(today, today, who=story.alice)["code"] == "50030"
    assert story.show(who=story.alice)["code"] == "50030"
    target = f"/api/v5/broker/fd/if-rebate?apiKey={story.alice.api_key}"
    assert signed(story.exchange, story.alice, "GET", target).json()["code"] == "50030"


def test_an_account_with_both_kinds_says_which_it_means(story: Story) -> None:
    today = story.today()
    story.agree(code=f"{story.code}O", kind="oauth", report_ms=0)
    assert story.ask(today, today)["code"] == "50044"
    story.trade("0.1")
    story.trade("0.2", tag=f"{story.code}O")
    assert story.ask(today, today, brokerType="oauth")["code"] == "0"
    assert story.show("type=true&brokerType=api")["data"] == []
    (row,) = story.show("type=true&brokerType=oauth")["data"]
    (line,) = rows_of(requests.get(row["fileHref"], timeout=10).content)
    assert (line["brokerCode"], line["spotTradeAmt"]) == (f"{story.code}O", "10000")


def test_one_report_an_hour_of_business_time(story: Story) -> None:
    today = story.today()
    assert story.ask(today, today)["code"] == "0"
    assert story.ask(today, today)["code"] == "51607"
    story.wait(seconds=30)
    body = {"begin": today, "end": today}
    refused = signed(story.exchange, story.acme, "POST", REBATES, body)
    assert (refused.status_code, refused.text) == (
        429,
        '{"msg":"Too Many Requests","code":"50011"}',
    )
    story.wait(hours=1)
    assert story.ask(today, today)["code"] == "0"


def test_a_file_that_nobody_asked_for_is_refused(story: Story) -> None:
    assert story.show("type=false&begin=20260101&end=20260102")["code"] == "51604"
    assert story.show("type=false&begin=20260101")["code"] == "50014"


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        ("20260101", "20260630", "50076"),
        ("2026-1-1", "20260630", "51000"),
        ("20260102", "20260101", "51000"),
        ("", "20260101", "50014"),
    ],
)
def test_a_span_that_is_none_is_refused(story: Story, begin: str, end: str, code: str) -> None:
    assert story.ask(begin, end)["code"] == code


def test_demo_has_brokers_of_its_own_and_their_files_on_the_same_host(story: Story) -> None:
    acme = story.exchange.trader("Acme in demo", perm="read_only", demo=True)
    terms = RATES | {"code": story.code, "kind": "api", "report_ms": 0}
    story.exchange.operate("POST", f"/accounts/{acme.uid}/broker", terms, demo=True)
    body = {"begin": story.today(-1), "end": story.today(-1)}
    asked = signed(story.exchange, acme, "POST", REBATES, body, x_simulated_trading="1")
    assert asked.json()["data"][0]["result"] == "false"
    assert story.show()["data"] == []
    target = f"{REBATES}?type=true"
    (row,) = signed(story.exchange, acme, "GET", target, x_simulated_trading="1").json()["data"]
    assert rows_of(requests.get(row["fileHref"], timeout=10).content) == []


# --- may this user earn me something ------------------------------------------------------------
def if_rebate(story: Story, user: Trader | None = None, **more: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in more.items())
    key = (user or story.alice).api_key
    target = f"/api/v5/broker/fd/if-rebate?apiKey={key}&{query}"
    answer = signed(story.exchange, story.acme, "GET", target).json()
    return answer["data"][0] if answer["data"] else answer["code"]


def say(story: Story, **agreed: Any) -> None:
    story.exchange.operate("POST", f"/accounts/{story.alice.uid}/client", agreed)


def pin(story: Story, level: str) -> None:
    story.exchange.operate("POST", f"/accounts/{story.alice.uid}/level", {"level": level})


def test_a_usual_client_earns(story: Story) -> None:
    assert if_rebate(story) == {
        "type": "0",
        "brokerCode": story.code,
        "affiliated": False,
        "clientRebateRatio": "0",
        "lastRebate": "",
    }


def test_an_invited_client_is_told_with_the_clients_own_share(story: Story) -> None:
    story.agree(client_share="0.125")
    say(story, affiliated=True, affiliate_share="0.4")
    told = if_rebate(story)
    assert (told["type"], told["affiliated"], told["clientRebateRatio"]) == ("0", True, "0.125")


def test_a_broker_whose_time_is_up_is_told_so_first(story: Story) -> None:
    story.agree(valid_until=story.exchange.operate("GET", "/clock")["ts"])
    pin(story, "VIP9")
    assert if_rebate(story)["type"] == "1"


def test_the_highest_tiers_and_managed_accounts_do_not_earn(story: Story) -> None:
    pin(story, "VIP7")
    assert if_rebate(story)["type"] == "3"
    say(story, managed=True)
    assert if_rebate(story)["type"] == "4"


def test_a_client_near_the_top_earns_until_its_cap(story: Story) -> None:
    story.agree(monthly_cap="4", report_ms=0)
    pin(story, "VIP5")
    story.trade()
    told = if_rebate(story)
    assert (told["type"], told["lastRebate"]) == ("0", "2")
    story.trade("0.4")
    told = if_rebate(story)
    assert (told["type"], told["lastRebate"]) == ("2", "4")


def test_a_cap_begins_anew_each_month(story: Story) -> None:
    story.agree(monthly_cap="1")
    pin(story, "VIP5")
    story.trade()
    assert if_rebate(story)["type"] == "2"
    story.wait(days=31)
    told = if_rebate(story)
    assert (told["type"], told["lastRebate"]) == ("0", "0")


def test_a_cap_that_was_used_earlier_in_the_month_counts_in_a_later_report(story: Story) -> None:
    story.agree(monthly_cap="4", report_ms=0)
    pin(story, "VIP6")
    while int(story.today()[6:]) > 20:
        story.wait(days=1)
    for _ in range(2):
        story.trade()
        story.wait(days=1)
    story.trade()
    yesterday, today = story.today(-1), story.today()
    rows = rows_of(story.report(yesterday, today))
    assert [row["brokerRebate"] for row in rows] == ["1.75", "0.5"]


def test_a_key_that_does_not_exist_is_refused(story: Story) -> None:
    assert if_rebate(story, Trader("0", "11111111-0000", "")) == "59506"
    assert if_rebate(story, brokerType="oauth") == "51000"


# --- after a crash ------------------------------------------------------------------------------
@pytest.mark.parametrize("lost", [False, True], ids=["kept", "history lost"])
def test_requests_and_files_survive_a_crash(tmp_path: Path, lost: bool) -> None:
    first = start_sandbox(tmp_path, "quiet")
    story = Story(first, 1)
    story.trade()
    today = story.today()
    before = story.report(today, today)
    href = story.show()["data"][0]["fileHref"]
    first.child.kill()
    first.child.wait()
    assert first.child.stdout is not None
    first.child.stdout.close()
    for path in tmp_path.glob("history.sqlite3*") if lost else ():
        path.unlink()
    again = start_sandbox(tmp_path, "quiet")
    try:
        moved = href.replace(first.base_url, again.base_url)
        assert requests.get(moved, timeout=10).content == before
        story.exchange = again
        assert story.ask(today, today)["code"] == "50011"
        assert story.show()["data"][0]["state"] == "finished"
    finally:
        assert stop_sandbox(again) == 0
