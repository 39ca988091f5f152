"""Orders, fills and balances as the wire shows them: texts, every key always present.

Fields: https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-order-details and its
neighbours. Not applicable = "".
"""

from collections.abc import Mapping

from connect_portal.sandbox.engine import ledger
from connect_portal.sandbox.engine.model import Account, Bill, Fill, Order
from connect_portal.sandbox.engine.units import ONE, Instrument, plain
from connect_portal.sandbox.engine.world import World
from connect_portal.sandbox.wire.attached import attached_row
from connect_portal.sandbox.wire.errors import REASONS

Row = dict[str, object]
SIDE_BILL = {"buy": "1", "sell": "2"}
FUNDING, TRADING = "6", "18"
"""The accounts that a transfer runs between, by the venue's numbers."""


def blanks(names: str) -> Row:
    """Keys that a spot venue always leaves empty."""
    return dict.fromkeys(names.split(), "")


ORDER_BLANKS = blanks(
    "ccy lever stpId quickMgnType pxType pxUsd pxVol tpTriggerPx tpTriggerPxType"
    " tpOrdPx slTriggerPx slTriggerPxType slOrdPx"
)
FILL_BLANKS = blanks("fillIdxPx fillPxVol fillPxUsd fillMarkVol fillFwdPx fillMarkPx")
DETAIL_BLANKS = blanks(
    "liab crossLiab isoLiab interest maxLoan upl uplLiab isoUpl imr mmr mgnRatio notionalLever"
    " rewardBal spotInUseAmt clSpotInUseAmt maxSpotInUse borrowFroz openAvgPx accAvgPx spotUpl"
    " spotUplRatio totalPnl totalPnlRatio"
)
DETAIL_ZEROS: Row = dict.fromkeys(
    blanks(
        "autoLendMtAmt colBorrAutoConversion colRes fixedBal frpType isoEq smtSyncEq"
        " spotCopyTradingEq spotIsoBal stgyEq twap"
    ),
    "0",
)
"""What a spot account may have of and this one never has."""
BALANCE_BLANKS = blanks(
    "adjEq availEq ordFroz imr mmr borrowFroz mgnRatio upl notionalUsd notionalUsdForBorrow"
    " notionalUsdForSwap notionalUsdForFutures notionalUsdForOption delta deltaLever"
    " deltaNeutralStatus"
)


def price(pair: Instrument, ticks: int) -> str:
    """Ticks as a price text; "" for no price."""
    return plain(ticks * pair.tick) if ticks else ""


def size(pair: Instrument, lots: int) -> str:
    """Lots as a size text in base."""
    return plain(lots * pair.lot)


def average(pair: Instrument, order: Order) -> str:
    """The average price of what is filled, to 1e-18; "" before the first fill."""
    return plain(order.turnover * ONE // (order.filled * pair.lot)) if order.filled else ""


def order_row(pair: Instrument, order: Order) -> Row:
    """The order object of queries and of the orders channel."""
    fill = order.last_fill
    return {
        **ORDER_BLANKS,
        "instType": "SPOT",
        "instId": order.inst,
        "ordId": str(order.order_id),
        "clOrdId": order.cl,
        "tag": order.tag,
        "algoId": str(order.algo_id or ""),
        "algoClOrdId": order.algo_cl,
        "linkedAlgoOrd": {"algoId": str(order.algo_id or "")},
        "attachAlgoClOrdId": order.attached[0].cl if order.attached else "",
        "attachAlgoOrds": [attached_row(attached) for attached in order.attached],
        "side": order.side,
        "posSide": "net",
        "tdMode": order.mode,
        "ordType": order.kind,
        "px": price(pair, order.px),
        "sz": order.sz if order.kind == "market" else size(pair, order.lots),
        "tgtCcy": order.tgt,
        "reduceOnly": "false",
        "isTpLimit": "false",
        "stpMode": order.stp,
        "tradeQuoteCcy": order.quote_ccy,
        "state": order.state,
        "accFillSz": size(pair, order.filled),
        "avgPx": average(pair, order),
        "fillPx": price(pair, fill.px) if fill else "",
        "fillSz": size(pair, fill.lots) if fill else "0",
        "fillTime": str(fill.ts) if fill else "",
        "tradeId": str(fill.trade_id) if fill else "",
        "pnl": "0",
        "source": order.source,
        "category": "normal",
        "cancelSource": order.cancel_source,
        "cancelSourceReason": REASONS[order.cancel_source],
        "fee": plain(order.fee),
        "feeCcy": order.fee_ccy or (pair.base if order.side == "buy" else pair.quote),
        "rebate": plain(order.rebate),
        "rebateCcy": pair.quote if order.side == "buy" else pair.base,
        "cTime": str(order.created),
        "uTime": str(order.updated),
    }


def fill_row(pair: Instrument, fill: Fill) -> Row:
    """The fill object of trade/fills and fills-history."""
    return {
        **FILL_BLANKS,
        "instType": "SPOT",
        "instId": fill.inst,
        "tradeId": str(fill.trade_id),
        "ordId": str(fill.order_id),
        "clOrdId": fill.cl,
        "billId": str(fill.bill_id),
        "subType": SIDE_BILL[fill.side],
        "tag": fill.tag,
        "fillPx": price(pair, fill.px),
        "fillSz": size(pair, fill.lots),
        "fillPnl": "0",
        "side": fill.side,
        "posSide": "net",
        "execType": fill.liquidity,
        "feeCcy": fill.fee_ccy,
        "fee": plain(fill.fee),
        "feeRate": fill.fee_rate,
        "ts": str(fill.ts),
        "fillTime": str(fill.ts),
        "tradeQuoteCcy": fill.quote_ccy,
    }


def bill_row(instruments: Mapping[str, Instrument], bill: Bill) -> Row:
    """The bill object; a spot trade makes one per currency, and counts what moved of that one."""
    fill = bill.fill
    return {
        **blanks("notes earnAmt earnApr"),
        **FILL_BLANKS,
        "billId": str(bill.bill_id),
        "type": bill.kind,
        "subType": bill.sub,
        "ccy": bill.ccy,
        "bal": plain(bill.balance),
        "balChg": plain(bill.change),
        "posBal": "0",
        "posBalChg": "0",
        "sz": plain(abs(bill.change - bill.fee)),
        "px": price(instruments[fill.inst], fill.px) if fill else "",
        "fee": plain(bill.fee),
        "pnl": "0",
        "interest": "0",
        "mgnMode": "cash" if fill else "",
        "from": "" if fill else FUNDING,
        "to": "" if fill else TRADING,
        "execType": fill.liquidity if fill else "",
        "instType": "SPOT" if fill else "",
        "instId": fill.inst if fill else "",
        "ordId": str(fill.order_id) if fill else "",
        "clOrdId": fill.cl if fill else "",
        "tradeId": str(fill.trade_id) if fill else "",
        "tag": fill.tag if fill else "",
        "fillTime": str(fill.ts) if fill else "",
        "ts": str(bill.ts),
    }


def balance_row(world: World, account: Account, wanted: frozenset[str] = frozenset()) -> Row:
    """The balance object: one per account, with a detail per currency it has."""
    held = list(ledger.balances(world.state, account.uid))
    total = sum(b.total * world.usd_price(c) // ONE for c, b in held)
    updated = str(account.updated or account.created)
    return {
        **BALANCE_BLANKS,
        "totalEq": plain(total),
        "isoEq": "0",
        "uTime": updated,
        "details": [
            balance_detail(world, ccy, balance, updated)
            for ccy, balance in held
            if not wanted or ccy in wanted
        ],
    }


def balance_detail(world: World, ccy: str, balance: ledger.Balance, updated: str) -> Row:
    """One currency of the balance object."""
    equity = plain(balance.total)
    in_dollars = plain(balance.total * world.usd_price(ccy) // ONE)
    return {
        **DETAIL_BLANKS,
        **DETAIL_ZEROS,
        "ccy": ccy,
        "eq": equity,
        "cashBal": equity,
        "spotBal": equity,
        "availBal": plain(balance.available),
        "availEq": plain(balance.available),
        "frozenBal": plain(balance.held),
        "ordFrozen": plain(balance.held),
        "autoLendStatus": "unsupported",
        "eqUsd": in_dollars,
        "disEq": in_dollars,
        "collateralEnabled": False,
        "collateralRestrict": False,
        "uTime": updated,
    }
