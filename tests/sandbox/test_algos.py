"""Strategy orders on the v5 wire: every kind, field, list and refusal, against a live exchange.

Each test has a pair of its own, so that nobody else's trades move its last price.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, Trader
from tests.sandbox.fields import ALGO, ATTACHED, ORDER
from tests.sandbox.signing import code_of, get, signed

PAIRS = [
    f"{base}-{quote}"
    for quote in ("USDT", "USDC")
    for base in ("LTC", "LINK", "AVAX", "SOL", "ETH", "BCH", "UNI", "AAVE", "ATOM", "DOT", "NEAR")
    if (base, quote) not in (("DOT", "USDC"), ("NEAR", "USDC"))
]
KINDS: dict[str, dict[str, Any]] = {
    "trigger": {"triggerPx": "120", "orderPx": "-1"},
    "conditional": {"slTriggerPx": "90", "slOrdPx": "-1"},
    "oco": {"slTriggerPx": "90", "slOrdPx": "89", "tpTriggerPx": "130", "tpOrdPx": "-1"},
    "move_order_stop": {"callbackRatio": "0.1"},
    "twap": {"pxVar": "0.01", "szLimit": "1", "pxLimit": "99", "timeInterval": "30"},
    "iceberg": {"pxSpread": "1", "szLimit": "1", "pxLimit": "50"},
    "smart_iceberg": {
        "szLimit": "1",
        "lmtOrderNumber": "2",
        "aggressiveness": "conservative",
        "pxLimit": "50",
        "triggerParams": [
            {
                "triggerAction": "start",
                "triggerStrategy": "price",
                "triggerPx": "200",
                "triggerCond": "cross_up",
            }
        ],
    },
}
NUMBERS = count()


@dataclass
class Desk:
    """One trader on one pair, and two bystanders who move its last price."""

    sandbox: Sandbox
    inst: str
    bob: Trader
    bystanders: tuple[Trader, Trader]

    def post(self, path: str, body: Any, who: Trader | None = None) -> Any:
        """A signed POST under trade/; the whole answer."""
        return signed(self.sandbox, who or self.bob, "POST", f"/api/v5/trade/{path}", body).json()

    def order(self, who: Trader, side: str, sz: str, px: str, **more: Any) -> str:
        """An accepted limit order; its id."""
        body = {"instId": self.inst, "tdMode": "cash", "side": side, "ordType": "limit"}
        answer = self.post("order", body | {"sz": sz, "px": px} | more, who)
        assert answer["code"] == "0", answer
        return str(answer["data"][0]["ordId"])

    def last(self, px: str) -> None:
        """Let the bystanders trade at this price."""
        for who, side in zip(self.bystanders, ("sell", "buy"), strict=True):
            self.order(who, side, "1", px)

    def algo(self, kind: str, **more: Any) -> Any:
        """Ask for a strategy order that sells 3 of its kind; the whole answer."""
        body = {"instId": self.inst, "tdMode": "cash", "side": "sell", "ordType": kind, "sz": "3"}
        return self.post("order-algo", body | KINDS.get(kind, {}) | more)

    def placed(self, kind: str, **more: Any) -> str:
        """An accepted strategy order; its id."""
        answer = self.algo(kind, **more)
        assert (answer["code"], answer["data"][0]["sCode"]) == ("0", "0"), answer
        return str(answer["data"][0]["algoId"])

    def shown(self, algo_id: str) -> dict[str, Any]:
        """The strategy order as its own endpoint shows it."""
        (row,) = get(self.sandbox, self.bob, f"trade/order-algo?algoId={algo_id}")
        return dict(row)

    def listed(self, path: str) -> list[str]:
        """Ids in a list of strategy orders."""
        rows = get(self.sandbox, self.bob, f"trade/orders-algo-{path}")
        return [row["algoId"] for row in rows]

    def cancel(self, *algo_ids: str) -> Any:
        """Cancel; the whole answer."""
        items = [{"instId": self.inst, "algoId": algo_id} for algo_id in algo_ids]
        return self.post("cancel-algos", items)

    def amend(self, algo_id: str, **change: Any) -> tuple[str, str]:
        """Amend; the sCode and the echoed reqId."""
        answer = self.post("amend-algos", {"instId": self.inst, "algoId": algo_id, **change})
        (row,) = answer["data"]
        return row["sCode"], row["reqId"]


@pytest.fixture
def desk(fresh_sandbox: Sandbox) -> Iterator[Desk]:
    """Bob with 1000 of a pair's base and 100000 of its quote, on a pair that trades at 100."""
    inst = PAIRS[next(NUMBERS) % len(PAIRS)]
    base, quote = inst.split("-")
    traders = [
        fresh_sandbox.trader(f"{name} {next(NUMBERS)}", **{base: "1000", quote: "100000"})
        for name in ("Bob", "Seller", "Buyer")
    ]
    at_it = Desk(fresh_sandbox, inst, traders[0], (traders[1], traders[2]))
    at_it.last("100")
    yield at_it
    for kind in KINDS:
        if waiting := at_it.listed(f"pending?ordType={kind}"):
            at_it.cancel(*waiting)
    for who in traders:
        for row in get(fresh_sandbox, who, "trade/orders-pending"):
            at_it.post("cancel-order", {"instId": inst, "ordId": row["ordId"]}, who)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_what_was_asked_in_every_field(desk: Desk, kind: str) -> None:
    algo_id = desk.placed(kind, tag="ABCD", algoClOrdId="mine1", tdMode="cross")
    row = desk.shown(algo_id)
    assert sorted(row) == ALGO
    asked = {name: value for name, value in KINDS[kind].items() if name != "orderPx"}
    shown = {name: row[name] for name in asked if name != "triggerParams"}
    assert shown == {name: value for name, value in asked.items() if name != "triggerParams"}
    for given, seen in zip(asked.get("triggerParams", []), row["triggerParams"], strict=True):
        assert given.items() <= seen.items()
    common = [row[name] for name in ("ordType", "tag", "algoClOrdId", "clOrdId", "tdMode", "last")]
    assert common == [kind, "ABCD", "mine1", "", "cross", "100"]
    assert (row["side"], row["sz"], row["instType"], row["posSide"]) == ("sell", "3", "SPOT", "net")
    assert (row["actualSz"], row["actualPx"], row["failCode"]) == ("0", "", "")
    assert desk.listed(f"pending?ordType={kind}&instId={desk.inst}") == [algo_id]


def test_a_strategy_order_looks_the_same_wherever_it_is_read(desk: Desk) -> None:
    algo_id = desk.placed("trigger", algoClOrdId="mine2")
    one = get(desk.sandbox, desk.bob, f"trade/order-algo?algoId={algo_id}")
    assert get(desk.sandbox, desk.bob, "trade/order-algo?algoClOrdId=mine2") == one
    assert get(desk.sandbox, desk.bob, "trade/orders-algo-pending?ordType=trigger") == one
    desk.cancel(algo_id)
    (over,) = get(desk.sandbox, desk.bob, f"trade/order-algo?algoId={algo_id}")
    assert (over["state"], over["algoId"]) == ("canceled", algo_id)
    history = "trade/orders-algo-history?ordType=trigger"
    assert get(desk.sandbox, desk.bob, "trade/order-algo?algoClOrdId=mine2") == [over]
    assert get(desk.sandbox, desk.bob, f"{history}&state=canceled") == [over]
    assert get(desk.sandbox, desk.bob, f"{history}&algoId={algo_id}") == [over]
    assert get(desk.sandbox, desk.bob, f"{history}&state=effective") == []
    assert get(desk.sandbox, desk.bob, "trade/orders-algo-pending?ordType=trigger") == []


@pytest.mark.parametrize(
    ("fields", "unit"),
    [
        ({"side": "sell", "slTriggerPx": "90"}, "base_ccy"),
        ({"side": "sell", "slTriggerPx": "90", "slOrdPx": "89"}, ""),
        ({"side": "buy", "slTriggerPx": "130"}, "quote_ccy"),
    ],
)
def test_stop_at_market_tells_in_which_unit_its_size_counts(
    desk: Desk, fields: dict[str, str], unit: str
) -> None:
    algo_id = desk.placed("conditional", **{"slOrdPx": "-1", **fields})
    assert desk.shown(algo_id)["tgtCcy"] == unit


def test_clients_own_spellings_are_understood(desk: Desk) -> None:
    asked = {"clOrdId": "mine3", "orderPx": None, "ordPx": "119", "tgtCcy": "base_ccy"}
    answer = desk.algo("trigger", **asked)["data"][0]
    assert (answer["clOrdId"], answer["algoClOrdId"], answer["sCode"]) == ("mine3", "mine3", "0")
    documented = desk.algo("trigger", algoClOrdId="mine4")["data"][0]
    assert (documented["clOrdId"], documented["algoClOrdId"]) == ("", "mine4")
    row = desk.shown(answer["algoId"])
    assert (row["clOrdId"], row["algoClOrdId"], row["ordPx"]) == ("mine3", "mine3", "119")
    spread = {"callbackRatio": "", "callBackSpread": "5"}
    row = desk.shown(desk.placed("move_order_stop", **spread))
    assert (row["callbackSpread"], row["moveTriggerPx"]) == ("5", "95")
    row = desk.shown(desk.placed("move_order_stop", callbackRatio=None, callBackRatio="0.2"))
    assert (row["callbackRatio"], row["moveTriggerPx"]) == ("0.2", "80")


def test_a_plan_order_trades_and_tells_how_much_at_which_price(desk: Desk) -> None:
    algo_id = desk.placed("trigger", side="buy", tag="ABCD", algoClOrdId="mine4")
    for px in ("121", "122", "123"):
        desk.order(desk.bystanders[0], "sell", "1", px)
    desk.last("120")
    row = desk.shown(algo_id)
    seen = [row[name] for name in ("state", "actualSz", "actualPx", "actualSide", "failCode")]
    assert seen == ["effective", "3", "122", "", ""]
    assert row["ordIdList"] == [row["ordId"]]
    assert int(row["triggerTime"]) >= int(row["cTime"])
    target = f"trade/order?instId={desk.inst}&ordId={row['ordId']}"
    (child,) = get(desk.sandbox, desk.bob, target)
    assert sorted(child) == ORDER
    seen = [child[name] for name in ("algoId", "algoClOrdId", "tag", "clOrdId", "source", "state")]
    assert seen == [algo_id, "mine4", "ABCD", "", "6", "filled"]
    fills = get(desk.sandbox, desk.bob, f"trade/fills?ordId={row['ordId']}")
    assert [fill["tag"] for fill in fills] == ["ABCD"] * 3
    assert desk.listed("history?ordType=trigger&state=effective") == [algo_id]


def test_a_failed_strategy_order_says_why(desk: Desk) -> None:
    algo_id = desk.placed("conditional", sz="1001", slOrdPx="80")
    desk.last("90")
    row = desk.shown(algo_id)
    assert (row["state"], row["failCode"], row["ordId"]) == ("order_failed", "51008", "")
    assert desk.listed("history?ordType=conditional&state=order_failed") == [algo_id]


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("trigger", {"instId": "LTC-USD"}, "51001"),
        ("trigger", {"ordType": "chase"}, "51000"),
        ("trigger", {"tdMode": "isolated"}, "51000"),
        ("trigger", {"sz": ""}, "50014"),
        ("trigger", {"sz": "0.0000000001"}, "51121"),
        ("trigger", {"sz": "0.000001"}, "51020"),
        ("trigger", {"triggerPx": ""}, "50014"),
        ("trigger", {"orderPx": ""}, "50014"),
        ("trigger", {"triggerPx": "120.00000000001"}, "51150"),
        ("trigger", {"triggerPxType": "index"}, "51415"),
        ("trigger", {"triggerPxType": "none"}, "51000"),
        ("trigger", {"advanceOrdType": "gtc"}, "51000"),
        ("trigger", {"tag": "A" * 17}, "51000"),
        ("trigger", {"closeFraction": "1", "sz": ""}, "51327"),
        ("trigger", {"orderPx": "119", "tgtCcy": "quote_ccy"}, "51000"),
        ("trigger", {"posSide": "long"}, "51000"),
        ("trigger", {"tradeQuoteCcy": "EUR"}, "51000"),
        ("trigger", {"attachAlgoOrds": [{"slTriggerPx": "115", "slOrdPx": "-1"}]}, "51049"),
        ("conditional", {"slOrdPx": ""}, "50014"),
        ("conditional", {"slTriggerPx": ""}, "50014"),
        ("conditional", {"slTriggerPx": "100"}, "51280"),
        ("conditional", {"tpOrdKind": "limit"}, "51094"),
        ("conditional", {"slTriggerPxType": "mark"}, "51415"),
        ("oco", {"tpTriggerPx": ""}, "50014"),
        ("oco", {"tpTriggerPx": "99"}, "51279"),
        ("move_order_stop", {"callbackRatio": ""}, "50015"),
        ("move_order_stop", {"callbackSpread": "1"}, "50024"),
        ("move_order_stop", {"callbackRatio": "1.5"}, "51311"),
        ("move_order_stop", {"activePx": "99"}, "51258"),
        ("twap", {"pxSpread": "1"}, "50024"),
        ("twap", {"pxVar": "0.5"}, "51270"),
        ("twap", {"szLimit": "3"}, "51274"),
        ("twap", {"timeInterval": "3600"}, "51269"),
        ("twap", {"pxLimit": ""}, "50014"),
        ("iceberg", {"szLimit": "4"}, "51255"),
        ("iceberg", {"pxSpread": "", "pxVar": "0.02"}, "51272"),
        ("smart_iceberg", {"lmtOrderNumber": "99"}, "51000"),
        ("smart_iceberg", {"aggressiveness": "wild"}, "51000"),
        ("smart_iceberg", {"triggerParams": "now"}, "51000"),
        ("smart_iceberg", {"triggerParams": [{"triggerAction": "stop"}]}, "51000"),
        (
            "smart_iceberg",
            {"triggerParams": [{"triggerAction": "start", "triggerStrategy": "rsi"}]},
            "50014",
        ),
    ],
)
def test_a_strategy_order_that_makes_no_sense_gets_a_code(
    desk: Desk, kind: str, change: dict[str, Any], code: str
) -> None:
    answer = desk.algo(kind, **change)
    assert (answer["data"][0]["sCode"] if answer["data"] else answer["code"]) == code
    assert answer["code"] == ("1" if answer["data"] else code)
    assert desk.listed(f"pending?ordType={kind}") == []


def test_an_own_id_is_free_again_when_its_strategy_is_over(desk: Desk) -> None:
    algo_id = desk.placed("trigger", algoClOrdId="mine5")
    assert desk.algo("conditional", algoClOrdId="mine5")["data"][0]["sCode"] == "51065"
    desk.cancel(algo_id)
    desk.placed("conditional", algoClOrdId="mine5")


def test_up_to_ten_are_cancelled_at_once_each_with_its_own_outcome(desk: Desk) -> None:
    kinds = ("trigger", "move_order_stop", "iceberg")
    ids = [desk.placed(kind) for kind in kinds]
    answer = desk.cancel(ids[0], "1", ids[1])
    assert answer["code"] == "2"
    assert [row["sCode"] for row in answer["data"]] == ["0", "51400", "0"]
    assert desk.cancel(ids[0])["code"] == "1"
    item = {"instId": desk.inst, "algoId": ids[2]}
    assert desk.post("cancel-advance-algos", [item])["data"][0]["sCode"] == "0"
    assert desk.post("cancel-algos", [item] * 11)["code"] == "50025"
    assert get(desk.sandbox, desk.bob, "trade/orders-pending") == []


def test_one_that_has_triggered_cannot_be_cancelled_any_more(desk: Desk) -> None:
    resting = desk.placed("trigger", orderPx="150")
    done = desk.placed("trigger", orderPx="110", algoClOrdId="mine6")
    desk.order(desk.bystanders[1], "buy", "1", "99")
    desk.last("120")
    answer = desk.cancel(resting, done)
    assert [row["sCode"] for row in answer["data"]] == ["51416", "51416"]
    own_id = {"instId": desk.inst, "algoClOrdId": "mine6"}
    assert desk.post("cancel-algos", [own_id])["data"][0]["sCode"] == "51416"


def test_lists_are_filtered_and_paged_by_the_venues_id(desk: Desk) -> None:
    ids = [desk.placed("conditional", slTriggerPx=str(90 - n)) for n in range(3)]
    ids.append(desk.placed("oco"))
    newest_first = ids[::-1]
    both = "pending?ordType=conditional,oco"
    assert desk.listed(both) == newest_first
    assert desk.listed("pending?ordType=oco") == newest_first[:1]
    assert desk.listed(f"{both}&limit=2") == newest_first[:2]
    assert desk.listed(f"{both}&after={ids[2]}") == newest_first[2:]
    assert desk.listed(f"{both}&before={ids[2]}") == newest_first[:1]
    assert desk.listed(f"{both}&algoId={ids[1]}") == [ids[1]]
    assert desk.listed(f"{both}&instType=SWAP") == []
    assert desk.listed(f"{both}&instId=BTC-USDT") == []
    assert desk.listed("pending?ordType=chase") == []
    desk.cancel(*ids)
    over = "history?ordType=conditional,oco&state=canceled"
    assert desk.listed(over) == newest_first
    assert desk.listed(f"{over}&limit=1&after={ids[2]}") == [ids[1]]
    assert desk.listed(f"{over}&before={ids[1]}") == newest_first[:2]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("orders-algo-pending", "50014"),
        ("orders-algo-pending?ordType=grid", "51000"),
        ("orders-algo-pending?ordType=trigger,oco", "51000"),
        ("orders-algo-history?ordType=trigger", "50015"),
        ("orders-algo-history?ordType=trigger&state=live", "51000"),
        ("order-algo", "50015"),
        ("order-algo?algoId=1", "51603"),
        ("order-algo?algoClOrdId=nobody", "51603"),
        ("order-algo?algoId=x", "51000"),
    ],
)
def test_a_question_that_makes_no_sense_gets_a_code(desk: Desk, path: str, code: str) -> None:
    assert code_of(desk.sandbox, desk.bob, f"trade/{path}")[1] == code


def test_an_amendment_changes_prices_and_size_and_deletes_legs(desk: Desk) -> None:
    oco = desk.placed("oco")
    change = {"reqId": "r1", "newSz": "2", "newSlTriggerPx": "91", "newTpTriggerPx": "0"}
    assert desk.amend(oco, **change) == ("0", "r1")
    row = desk.shown(oco)
    seen = [row[name] for name in ("sz", "slTriggerPx", "slOrdPx", "tpTriggerPx", "tpOrdPx")]
    assert seen == ["2", "91", "89", "", ""]
    assert desk.amend(oco, newTpTriggerPx="130", newTpOrdPx="-1")[0] == "51543"
    assert desk.amend(oco, newSlOrdPx="0")[0] == "51531"
    assert desk.amend(oco, newSlTriggerPx="101")[0] == "51280"
    assert desk.amend(oco, newSlTriggerPxType="index", newSlTriggerPx="92")[0] == "51415"
    plan = desk.placed("trigger", algoClOrdId="mine7")
    assert desk.amend("", algoClOrdId="mine7", newTriggerPx="121", newOrdPx="125")[0] == "0"
    row = desk.shown(plan)
    assert (row["triggerPx"], row["ordPx"]) == ("121", "125")


def test_an_amendment_that_fails_says_why(desk: Desk) -> None:
    plan, twap = desk.placed("trigger"), desk.placed("twap")
    assert desk.amend(plan)[0] == "51500"
    assert desk.amend(plan, newSz="much", reqId="r1") == ("51000", "r1")
    assert desk.amend("1", newSz="2")[0] == "51527"
    assert desk.amend("", newSz="2")[0] == "50015"
    assert desk.amend(twap, newSz="2")[0] == "51506"
    assert desk.amend(plan, newSz="0.0000001", reqId="r2") == ("51121", "r2")
    assert desk.shown(plan)["state"] == "live"
    assert desk.amend(plan, newSz="0.0000001", cxlOnFail=True)[0] == "51121"
    assert desk.shown(plan)["state"] == "canceled"


def test_what_is_no_strategy_order_is_refused_without_a_row(desk: Desk) -> None:
    item = {"instId": desk.inst, "tdMode": "cash", "side": "sell", "ordType": "trigger", "sz": "x"}
    answer = signed(desk.sandbox, desk.bob, "POST", "/api/v5/trade/order-algo", item)
    assert (answer.status_code, answer.json()) == (
        400,
        {"code": "51000", "data": [], "msg": "Parameter sz error"},
    )


def test_sides_of_a_position_are_echoed_in_hedge_mode(desk: Desk) -> None:
    assert desk.algo("conditional", posSide="long")["data"][0]["sCode"] == "51000"
    target = "/api/v5/account/set-position-mode"
    signed(desk.sandbox, desk.bob, "POST", target, {"posMode": "long_short_mode"})
    assert desk.shown(desk.placed("conditional", posSide="long"))["posSide"] == "long"
    assert desk.shown(desk.placed("oco", posSide="short"))["posSide"] == "short"
    assert desk.shown(desk.placed("conditional"))["posSide"] == "net"
    assert desk.algo("trigger", posSide="long")["data"][0]["sCode"] == "51000"


def test_stops_attached_to_an_order_are_shown_amended_and_born(desk: Desk) -> None:
    stops = {"slTriggerPx": "80", "slOrdPx": "-1", "tpTriggerPx": "120", "tpOrdPx": "121"}
    attached = [{"attachAlgoClOrdId": "guard1", "tpOrdKind": "condition", **stops}]
    order_id = desk.order(desk.bob, "buy", "2", "95", tag="ABCD", attachAlgoOrds=attached)
    target = f"trade/order?instId={desk.inst}&ordId={order_id}"
    (order,) = get(desk.sandbox, desk.bob, target)
    (row,) = order["attachAlgoOrds"]
    assert sorted(row) == ATTACHED
    assert order["attachAlgoClOrdId"] == row["attachAlgoClOrdId"] == "guard1"
    assert stops.items() <= row.items()
    change = {"attachAlgoId": row["attachAlgoId"], "newSlTriggerPx": "81", "newTpOrdPx": "-1"}
    body = {"instId": desk.inst, "ordId": order_id, "attachAlgoOrds": [change]}
    assert desk.post("amend-order", body)["data"][0]["sCode"] == "0"
    (order,) = get(desk.sandbox, desk.bob, target)
    assert order["attachAlgoOrds"][0]["slTriggerPx"] == "81"

    desk.order(desk.bystanders[0], "sell", "2", "95")
    (born,) = get(desk.sandbox, desk.bob, "trade/orders-algo-pending?ordType=oco")
    seen = [born[name] for name in ("algoClOrdId", "side", "sz", "slTriggerPx", "tpOrdPx", "tag")]
    assert seen == ["guard1", "sell", "1.996", "81", "-1", "ABCD"]


@pytest.mark.parametrize(
    ("attached", "code"),
    [
        ("soon", "51000"),
        ([1], "51000"),
        ([{}], "51178"),
        ([{"slTriggerPx": "80"}], "50014"),
        ([{"slTriggerPx": "96", "slOrdPx": "-1"}], "51047"),
        ([{"tpTriggerPx": "95", "tpOrdPx": "-1"}], "51046"),
        ([{"tpTriggerPx": "96", "tpOrdPx": "-1"}] * 2, "51077"),
        ([{"slTriggerPx": "80", "slOrdPx": "-1"}] * 2, "51084"),
        ([{"slTriggerPx": "80", "slOrdPx": "-1"}] * 11, "50025"),
        ([{"slTriggerPx": "80", "slOrdPx": "-1", "amendPxOnTriggerType": "1"}], "51077"),
        ([{"slTriggerPx": "80", "slOrdPx": "-1", "sz": "1"}], "51083"),
        ([{"slTriggerPx": "80", "slOrdPx": "-1", "slTriggerPxType": "mark"}], "51415"),
        ([{"slTriggerRatio": "0.1", "slOrdPx": "-1"}], "51000"),
        ([{"tpTriggerPx": "96", "tpOrdPx": "97", "tpOrdKind": "limit"}], "51094"),
    ],
)
def test_stops_that_do_not_fit_their_order_are_refused_in_batches_too(
    desk: Desk, attached: Any, code: str
) -> None:
    item = {
        "instId": desk.inst,
        "tdMode": "cash",
        "side": "buy",
        "ordType": "limit",
        "sz": "2",
        "px": "95",
        "attachAlgoOrds": attached,
    }
    one = desk.post("order", item)
    assert (one["data"][0]["sCode"] if one["data"] else one["code"]) == code
    many = desk.post("batch-orders", [item, item | {"attachAlgoOrds": []}])
    assert [row["sCode"] for row in many["data"]] == [code, "0"]


def test_nobody_sees_or_cancels_the_strategies_of_another(desk: Desk) -> None:
    algo_id = desk.placed("trigger", algoClOrdId="mine8")
    mallory = desk.bystanders[0]
    item = {"instId": desk.inst, "algoId": algo_id}
    for path in (f"algoId={algo_id}", "algoClOrdId=mine8"):
        assert code_of(desk.sandbox, mallory, f"trade/order-algo?{path}")[1] == "51603"
    assert desk.post("cancel-algos", [item], mallory)["data"][0]["sCode"] == "51400"
    assert desk.post("amend-algos", item | {"newSz": "1"}, mallory)["data"][0]["sCode"] == "51527"
    assert get(desk.sandbox, mallory, "trade/orders-algo-pending?ordType=trigger") == []
    assert desk.shown(algo_id)["state"] == "live"
