"""Take-profits and stop-losses attached to an order: how they are read, and how they are shown.

For orders, plan orders and amendments.
https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order (attachAlgoOrds)
"""

from collections.abc import Mapping
from typing import Any

from connect_portal.sandbox.engine.algo import Attached
from connect_portal.sandbox.wire import params
from connect_portal.sandbox.wire.errors import WireError
from connect_portal.sandbox.wire.params import Shape, Values

MOST = 10
PRICE_TYPES = ("last", "index", "mark")
PRICE_TYPE_NAMES = ("triggerPxType", "tpTriggerPxType", "slTriggerPxType")
TRIGGER_TYPES = tuple(params.choice(name, *PRICE_TYPES) for name in PRICE_TYPE_NAMES)
ORDER_KIND = params.choice("tpOrdKind", "condition", "limit")
TRAILING = (
    params.number("callbackRatio"),
    params.number("callBackRatio"),
    params.number("callbackSpread"),
    params.number("callBackSpread"),
    params.number("activePx"),
)
"""Trailing stops, with the spelling that some clients use."""
LEGS = (
    params.number("tpTriggerPx"),
    params.number("tpOrdPx", market=True),
    params.number("slTriggerPx"),
    params.number("slOrdPx", market=True),
)
"""Where a take-profit and a stop-loss trigger, and at which price their orders go out."""
ATTACHED = Shape(
    params.code("attachAlgoClOrdId"),
    *LEGS,
    params.word("tpTriggerRatio"),
    params.word("slTriggerRatio"),
    params.number("sz"),
    params.choice("amendPxOnTriggerType", "0", "1"),
    ORDER_KIND,
    *TRIGGER_TYPES,
    *TRAILING,
)
CHANGED = Shape(
    params.whole("attachAlgoId"),
    params.code("attachAlgoClOrdId"),
    params.number("newTpTriggerPx", zero=True),
    params.number("newTpOrdPx", market=True, zero=True),
    params.number("newSlTriggerPx", zero=True),
    params.number("newSlOrdPx", market=True, zero=True),
    params.number("newCallbackRatio"),
    params.number("newCallbackSpread"),
    params.number("newActivePx"),
    params.choice("newTpOrdKind", "condition", "limit"),
    params.choice("newTpTriggerPxType", *PRICE_TYPES),
    params.choice("newSlTriggerPxType", *PRICE_TYPES),
)


def read_attached(item: Mapping[str, Any], sz: str) -> list[Attached]:
    """What the item attaches to an order of size `sz`.

    Raises 51000, 51077 (cost price), 51083 (another size), 51094 (limit) and 51415 (not last).
    """
    return [_attached(ATTACHED.read(each), sz) for each in _listed(item)]


def read_changes(item: Mapping[str, Any]) -> list[Attached]:
    """What the item changes of what is attached; "0" deletes a leg. Raises 50015, 51094, 51415."""
    return [_change(CHANGED.read(each)) for each in _listed(item)]


def attached_row(attached: Attached) -> dict[str, object]:
    """An attachment as the order object shows it."""
    tp, sl = attached.tp_trigger_px, attached.sl_trigger_px
    return {
        "attachAlgoId": str(attached.algo_id or ""),
        "attachAlgoClOrdId": attached.cl,
        "tpOrdKind": "condition" if tp else "",
        "tpTriggerPx": tp,
        "tpTriggerPxType": "last" if tp else "",
        "tpTriggerRatio": "",
        "tpOrdPx": attached.tp_order_px,
        "slTriggerPx": sl,
        "slTriggerPxType": "last" if sl else "",
        "slTriggerRatio": "",
        "slOrdPx": attached.sl_order_px,
        "sz": "",
        "amendPxOnTriggerType": "0",
        "callbackRatio": attached.callback_ratio,
        "callbackSpread": attached.callback_spread,
        "activePx": attached.active_px,
        "failCode": "",
        "failReason": "",
    }


def refuse_unsupported(values: Values) -> None:
    """What spot does not know: a trigger by another price than the last, a take-profit limit."""
    for name in (*PRICE_TYPE_NAMES, "newTpTriggerPxType", "newSlTriggerPxType"):
        if values.get(name, "") not in ("", "last"):
            raise WireError("51415")
    if "limit" in (values.get("tpOrdKind"), values.get("newTpOrdKind")):
        raise WireError("51094")


def with_one_spelling(values: Values) -> Values:
    """The values with a trailing stop's distance under its documented name."""
    for name, other in (("callbackRatio", "callBackRatio"), ("callbackSpread", "callBackSpread")):
        values[name] = values[name] or values[other]
    return values


def _listed(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = item.get("attachAlgoOrds")
    if not given:
        return []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise WireError("51000", "attachAlgoOrds")
    if len(given) > MOST:
        raise WireError("50025", "attachAlgoOrds", str(MOST))
    return given


def _attached(values: Values, sz: str) -> Attached:
    refuse_unsupported(with_one_spelling(values))
    if values["tpTriggerRatio"] or values["slTriggerRatio"]:
        raise WireError("51000", "tpTriggerRatio")
    if values["amendPxOnTriggerType"] == "1":
        raise WireError("51077")
    if values["sz"] not in ("", sz):
        raise WireError("51083")
    return Attached(
        cl=values["attachAlgoClOrdId"],
        tp_trigger_px=values["tpTriggerPx"],
        tp_order_px=values["tpOrdPx"],
        sl_trigger_px=values["slTriggerPx"],
        sl_order_px=values["slOrdPx"],
        callback_ratio=values["callbackRatio"],
        callback_spread=values["callbackSpread"],
        active_px=values["activePx"],
    )


def _change(values: Values) -> Attached:
    refuse_unsupported(values)
    if not values["attachAlgoId"] and not values["attachAlgoClOrdId"]:
        raise WireError("50015", "attachAlgoId", "attachAlgoClOrdId")
    return Attached(
        algo_id=values["attachAlgoId"],
        cl=values["attachAlgoClOrdId"],
        tp_trigger_px=values["newTpTriggerPx"],
        tp_order_px=values["newTpOrdPx"],
        sl_trigger_px=values["newSlTriggerPx"],
        sl_order_px=values["newSlOrdPx"],
        callback_ratio=values["newCallbackRatio"],
        callback_spread=values["newCallbackSpread"],
        active_px=values["newActivePx"],
    )
