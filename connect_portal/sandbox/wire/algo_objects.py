"""The strategy order object: texts, every key always present, "" = not applicable.

https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading-get-algo-order-details
"""

from connect_portal.sandbox.engine.algo import (
    Algo,
    Iceberg,
    SmartIceberg,
    StartWhen,
    Stops,
    Trail,
    Trigger,
    Twap,
)
from connect_portal.sandbox.engine.strategies.smart_iceberg import PERIOD
from connect_portal.sandbox.engine.strategies.trailing import trigger_px
from connect_portal.sandbox.engine.units import ONE, Instrument, plain
from connect_portal.sandbox.wire.attached import attached_row
from connect_portal.sandbox.wire.objects import Row, blanks, price, size

ALGO_BLANKS = blanks(
    "closeFraction lever triggerPx triggerPxType ordPx advanceOrdType tpTriggerPx tpTriggerPxType"
    " tpOrdPx slTriggerPx slTriggerPxType slOrdPx pxVar pxSpread szLimit pxLimit timeInterval"
    " lmtOrderNumber aggressiveness callbackRatio callbackSpread activePx moveTriggerPx"
    " isTradeBorrowMode chaseType chaseVal maxChaseType maxChaseVal quickMgnType ccy"
)


def algo_row(pair: Instrument, algo: Algo) -> Row:
    """The strategy order as queries and both of its channels show it.

    `actualSz` and `actualPx` are what its orders have traded so far and at which average.
    """
    return {
        **ALGO_BLANKS,
        "instType": "SPOT",
        "instId": algo.inst,
        "algoId": str(algo.algo_id),
        "algoClOrdId": algo.cl,
        "clOrdId": algo.alias,
        "ordId": str(algo.child_ids[-1]) if algo.child_ids else "",
        "ordIdList": [str(order_id) for order_id in algo.child_ids],
        "sz": algo.sz,
        "ordType": algo.kind,
        "side": algo.side,
        "posSide": algo.pos_side or "net",
        "tdMode": algo.mode,
        "tgtCcy": algo.tgt,
        "state": algo.state,
        "actualSz": size(pair, algo.filled),
        "actualPx": average(pair, algo),
        "actualSide": algo.actual_side,
        "tag": algo.tag,
        "triggerTime": str(algo.triggered or ""),
        "triggerParams": [],
        "reduceOnly": "false",
        "last": price(pair, algo.last),
        "failCode": algo.fail_code,
        "amendPxOnTriggerType": "0",
        "attachAlgoOrds": [],
        "linkedOrd": {"ordId": ""},
        "tradeQuoteCcy": algo.quote_ccy or pair.quote,
        "cTime": str(algo.created),
        "uTime": str(algo.updated),
        **terms_row(pair, algo),
    }


def average(pair: Instrument, algo: Algo) -> str:
    """The average price of what its orders have traded, to 1e-18; "" before the first fill."""
    return plain(algo.turnover * ONE // (algo.filled * pair.lot)) if algo.filled else ""


def terms_row(pair: Instrument, algo: Algo) -> Row:
    """What was asked, in the keys of its kind."""
    match algo.terms:
        case Trigger() as terms:
            return _trigger_row(pair, terms)
        case Stops() as terms:
            return _stops_row(pair, terms)
        case Trail() as terms:
            return {
                "callbackRatio": share(terms.ratio),
                "callbackSpread": "" if terms.ratio else spread(pair, terms.spread),
                "activePx": price(pair, terms.active_px),
                "moveTriggerPx": price(pair, trigger_px(algo, terms)),
            }
        case Twap() as terms:
            seconds = str(terms.interval_ms // 1000)
            return {**_parts_row(pair, terms), "timeInterval": seconds}
        case Iceberg() as terms:
            return _parts_row(pair, terms)
        case SmartIceberg() as terms:
            return {
                "szLimit": size(pair, terms.lots),
                "pxLimit": price(pair, terms.limit_px),
                "lmtOrderNumber": str(terms.number),
                "aggressiveness": terms.manner,
                "triggerParams": [_start_row(terms.start)],
            }


def share(units: int) -> str:
    """A share of a price as text, "" for none."""
    return plain(units) if units else ""


def spread(pair: Instrument, ticks: int) -> str:
    """A distance in quote as text."""
    return plain(ticks * pair.tick)


def order_price(pair: Instrument, ticks: int) -> str:
    """The price of an order to be placed: "-1" at market."""
    return "-1" if ticks < 0 else price(pair, ticks)


def _trigger_row(pair: Instrument, terms: Trigger) -> Row:
    return {
        "triggerPx": price(pair, terms.px),
        "triggerPxType": "last",
        "ordPx": order_price(pair, terms.order_px),
        "advanceOrdType": terms.advance,
        "attachAlgoOrds": [attached_row(attached) for attached in terms.attached],
    }


def _stops_row(pair: Instrument, terms: Stops) -> Row:
    return {
        "tpTriggerPx": price(pair, terms.tp_px),
        "tpTriggerPxType": "last" if terms.tp_px else "",
        "tpOrdPx": order_price(pair, terms.tp_order_px),
        "slTriggerPx": price(pair, terms.sl_px),
        "slTriggerPxType": "last" if terms.sl_px else "",
        "slOrdPx": order_price(pair, terms.sl_order_px),
    }


def _parts_row(pair: Instrument, terms: Twap | Iceberg) -> Row:
    return {
        "pxVar": share(terms.ratio),
        "pxSpread": "" if terms.ratio else spread(pair, terms.spread),
        "szLimit": size(pair, terms.lots),
        "pxLimit": price(pair, terms.limit_px),
    }


def _start_row(start: StartWhen) -> Row:
    by_index = start.strategy == "rsi"
    return {
        "triggerAction": "start",
        "triggerStrategy": start.strategy,
        "triggerPx": start.px,
        "triggerCond": start.cond,
        "timeframe": start.timeframe,
        "thold": str(start.threshold) if by_index else "",
        "timePeriod": str(PERIOD) if by_index else "",
    }
