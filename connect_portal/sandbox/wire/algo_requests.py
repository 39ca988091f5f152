"""Requests for strategy orders as commands. Clients also write clOrdId for algoClOrdId, ordPx for
orderPx and callBackRatio for callbackRatio.

https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading-post-place-algo-order
"""

from collections.abc import Mapping
from typing import Any

from connect_portal.sandbox.engine.algo import StartWhen
from connect_portal.sandbox.engine.commands import AmendAlgo, CancelAlgo, PlaceAlgo
from connect_portal.sandbox.engine.strategies.rsi import TIMEFRAMES
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.attached import (
    LEGS,
    ORDER_KIND,
    PRICE_TYPES,
    TRAILING,
    TRIGGER_TYPES,
    read_attached,
    refuse_unsupported,
    with_one_spelling,
)
from connect_portal.sandbox.wire.endpoints import Call
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.params import Shape, Values

Item = Mapping[str, Any]
KINDS = (
    "trigger",
    "conditional",
    "oco",
    "move_order_stop",
    "twap",
    "iceberg",
    "smart_iceberg",
)
NEEDED = {
    "trigger": ("triggerPx", "orderPx"),
    "twap": ("szLimit", "pxLimit", "timeInterval"),
    "iceberg": ("szLimit", "pxLimit"),
    "smart_iceberg": ("szLimit", "lmtOrderNumber", "aggressiveness"),
}
ONE_OF = {
    "move_order_stop": ("callbackRatio", "callbackSpread"),
    "twap": ("pxVar", "pxSpread"),
    "iceberg": ("pxVar", "pxSpread"),
}
CONDITIONS = ("cross_up", "cross_down", "above", "below", "cross")
PLACE = Shape(
    params.word("instId", required=True),
    params.choice("tdMode", "cash", "cross", required=True),
    params.choice("side", "buy", "sell", required=True),
    params.choice("ordType", *KINDS, required=True),
    params.number("sz"),
    params.word("closeFraction"),
    params.choice("tgtCcy", "base_ccy", "quote_ccy"),
    params.choice("posSide", "net", "long", "short"),
    params.word("tradeQuoteCcy"),
    params.code("algoClOrdId"),
    params.code("clOrdId"),
    params.code("tag", longest=16),
    params.number("triggerPx"),
    params.number("orderPx", market=True),
    params.number("ordPx", market=True),
    params.choice("advanceOrdType", "fok", "ioc"),
    *LEGS,
    params.number("pxVar"),
    params.number("pxSpread", zero=True),
    params.number("szLimit"),
    params.number("pxLimit"),
    params.whole("timeInterval"),
    params.whole("lmtOrderNumber"),
    params.choice("aggressiveness", "radical", "mid", "conservative"),
    ORDER_KIND,
    *TRIGGER_TYPES,
    *TRAILING,
)
START = Shape(
    params.choice("triggerAction", "start", required=True),
    params.choice("triggerStrategy", "instant", "price", "rsi", required=True),
    params.number("triggerPx"),
    params.choice("triggerCond", *CONDITIONS),
    params.choice("timeframe", *TIMEFRAMES),
    params.whole("thold"),
    params.choice("timePeriod", "14"),
)
START_NEEDS = {
    "price": ("triggerPx", "triggerCond"),
    "rsi": ("timeframe", "thold", "triggerCond"),
}
CANCEL = Shape(
    params.word("instId", required=True),
    params.whole("algoId"),
    params.code("algoClOrdId"),
    params.code("clOrdId"),
)
AMEND = Shape(
    *CANCEL.params.values(),
    params.code("reqId"),
    params.flag("cxlOnFail"),
    params.number("newSz"),
    params.number("newTriggerPx"),
    params.number("newOrdPx", market=True),
    params.number("newTpTriggerPx", zero=True),
    params.number("newTpOrdPx", market=True, zero=True),
    params.number("newSlTriggerPx", zero=True),
    params.number("newSlOrdPx", market=True, zero=True),
    params.choice("newTriggerPxType", *PRICE_TYPES),
    params.choice("newTpTriggerPxType", *PRICE_TYPES),
    params.choice("newSlTriggerPxType", *PRICE_TYPES),
)


def place_command(call: Call, item: Item) -> PlaceAlgo:
    """One strategy order as a command.

    Raises 50014, 50015, 50024, 51000 (shape), 51327 (closes a position), 51094 and 51415.
    """
    values = PLACE.read(item)
    if values["closeFraction"]:
        raise WireError("51327")
    values["orderPx"] = values["orderPx"] or values["ordPx"]
    refuse_unsupported(with_one_spelling(values))
    _refuse_incomplete(values)
    return PlaceAlgo(
        uid=call.uid,
        inst=values["instId"],
        kind=values["ordType"],
        side=values["side"],
        sz=values["sz"],
        mode=values["tdMode"],
        tgt=values["tgtCcy"],
        cl=values["algoClOrdId"] or values["clOrdId"],
        alias="" if values["algoClOrdId"] else values["clOrdId"],
        tag=values["tag"],
        pos_side=values["posSide"],
        quote_ccy=values["tradeQuoteCcy"],
        trigger_px=values["triggerPx"],
        order_px=values["orderPx"],
        advance=values["advanceOrdType"],
        attached=read_attached(item, values["sz"]) if values["ordType"] == "trigger" else [],
        tp_trigger_px=values["tpTriggerPx"],
        tp_order_px=values["tpOrdPx"],
        sl_trigger_px=values["slTriggerPx"],
        sl_order_px=values["slOrdPx"],
        callback_ratio=values["callbackRatio"],
        callback_spread=values["callbackSpread"],
        active_px=values["activePx"],
        px_var=values["pxVar"],
        px_spread=values["pxSpread"],
        sz_limit=values["szLimit"],
        px_limit=values["pxLimit"],
        interval_s=values["timeInterval"],
        parts=values["lmtOrderNumber"],
        aggressiveness=values["aggressiveness"],
        start=_start(item) if values["ordType"] == "smart_iceberg" else None,
    )


def cancel_command(call: Call, item: Item) -> CancelAlgo:
    """One cancellation as a command; one of the two ids is needed."""
    values = CANCEL.read(item)
    algo_id, cl = _ids(values)
    return CancelAlgo(uid=call.uid, inst=values["instId"], algo_id=algo_id, cl=cl)


def amend_command(call: Call, item: Item) -> AmendAlgo:
    """One amendment as a command; one of the two ids is needed. Raises 51415 besides."""
    values = AMEND.read(item)
    algo_id, cl = _ids(values)
    refuse_unsupported(values)
    return AmendAlgo(
        uid=call.uid,
        inst=values["instId"],
        algo_id=algo_id,
        cl=cl,
        new_sz=values["newSz"],
        new_trigger_px=values["newTriggerPx"],
        new_order_px=values["newOrdPx"],
        new_tp_trigger_px=values["newTpTriggerPx"],
        new_tp_order_px=values["newTpOrdPx"],
        new_sl_trigger_px=values["newSlTriggerPx"],
        new_sl_order_px=values["newSlOrdPx"],
        cancel_on_fail=values["cxlOnFail"],
    )


def _ids(values: Values) -> tuple[int, str]:
    own_id = values["algoClOrdId"] or values["clOrdId"]
    if not values["algoId"] and not own_id:
        raise WireError("50015", "algoId", "algoClOrdId")
    return values["algoId"], own_id


def _refuse_incomplete(values: Values) -> None:
    """Refuses what its kind lacks, or names twice."""
    for name in ("sz", *NEEDED.get(values["ordType"], ())):
        if not values[name]:
            raise WireError("50014", name)
    for leg in ("tp", "sl"):
        if values[f"{leg}TriggerPx"] and not values[f"{leg}OrdPx"]:
            raise WireError("50014", f"{leg}OrdPx")
    if one_of := ONE_OF.get(values["ordType"]):
        given = sum(bool(values[name]) for name in one_of)
        if given != 1:
            raise WireError("50024" if given else "50015", *one_of)


def _start(item: Item) -> StartWhen:
    """When a smart iceberg starts; at once where it does not say."""
    given = item.get("triggerParams") or [{"triggerAction": "start", "triggerStrategy": "instant"}]
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        raise WireError("51000", "triggerParams")
    values = START.read(given[0])
    for name in START_NEEDS.get(values["triggerStrategy"], ()):
        if not values[name]:
            raise WireError("50014", name)
    if values["triggerStrategy"] == "rsi" and not 1 <= values["thold"] <= 100:
        raise WireError("51000", "thold")
    return StartWhen(
        strategy=values["triggerStrategy"],
        px=values["triggerPx"],
        cond=values["triggerCond"],
        timeframe=values["timeframe"],
        threshold=values["thold"],
    )
