"""The fields of each object of the v5 wire on spot, as its documentation lists them.

https://www.okx.com/docs-v5/en/
"""


def _names(text: str) -> list[str]:
    return sorted(text.split())


INSTRUMENT = _names("""
    alias auctionEndTime baseCcy category contTdSwTime ctMult ctType ctVal ctValCcy expTime
    futureSettlement groupId instCategory instFamily instId instIdCode instType lever listTime
    lotSz maxIcebergSz maxLmtAmt maxLmtSz maxMktAmt maxMktSz maxStopSz maxTriggerSz maxTwapSz
    minSz openType optType preMktSwTime quoteCcy rpiMinLevel rpiMinPxBand ruleType settleCcy
    state stk tickSz tradeQuoteCcyList uly upcChg
""")
OWN_INSTRUMENT = sorted(
    [
        *INSTRUMENT,
        *_names("""
    elp longPosRemainingQuota maxPlatOICoinLmt maxPlatOILmt posLmtAmt posLmtPct seriesId
    shortPosRemainingQuota
"""),
    ]
)
TICKER = _names("""
    askPx askSz bidPx bidSz high24h instId instType last lastSz low24h open24h sodUtc0 sodUtc8 ts
    vol24h volCcy24h
""")
ORDER = _names("""
    accFillSz algoClOrdId algoId attachAlgoClOrdId attachAlgoOrds avgPx cTime cancelSource
    cancelSourceReason category ccy clOrdId fee feeCcy fillPx fillSz fillTime instId instType
    isTpLimit lever linkedAlgoOrd ordId ordType pnl posSide px pxType pxUsd pxVol quickMgnType
    rebate rebateCcy reduceOnly side slOrdPx slTriggerPx slTriggerPxType source state stpId
    stpMode sz tag tdMode tgtCcy tpOrdPx tpTriggerPx tpTriggerPxType tradeId tradeQuoteCcy uTime
""")
ATTACHED = _names("""
    activePx amendPxOnTriggerType attachAlgoClOrdId attachAlgoId callbackRatio callbackSpread
    failCode failReason slOrdPx slTriggerPx slTriggerPxType slTriggerRatio sz tpOrdKind tpOrdPx
    tpTriggerPx tpTriggerPxType tpTriggerRatio
""")
ALGO = _names("""
    activePx actualPx actualSide actualSz advanceOrdType aggressiveness algoClOrdId algoId
    amendPxOnTriggerType attachAlgoOrds cTime callbackRatio callbackSpread ccy chaseType chaseVal
    clOrdId closeFraction failCode instId instType isTradeBorrowMode last lever linkedOrd
    lmtOrderNumber maxChaseType maxChaseVal moveTriggerPx ordId ordIdList ordPx ordType posSide
    pxLimit pxSpread pxVar quickMgnType reduceOnly side slOrdPx slTriggerPx slTriggerPxType state
    sz szLimit tag tdMode tgtCcy timeInterval tpOrdPx tpTriggerPx tpTriggerPxType tradeQuoteCcy
    triggerParams triggerPx triggerPxType triggerTime uTime
""")
FILL = _names("""
    billId clOrdId execType fee feeCcy feeRate fillFwdPx fillIdxPx fillMarkPx fillMarkVol fillPnl
    fillPx fillPxUsd fillPxVol fillSz fillTime instId instType ordId posSide side subType tag
    tradeId tradeQuoteCcy ts
""")
BILL = _names("""
    bal balChg billId ccy clOrdId earnAmt earnApr execType fee fillFwdPx fillIdxPx fillMarkPx
    fillMarkVol fillPxUsd fillPxVol fillTime from instId instType interest mgnMode notes ordId pnl
    posBal posBalChg px subType sz tag to tradeId ts type
""")
BALANCE = _names("""
    adjEq availEq borrowFroz delta deltaLever deltaNeutralStatus details imr isoEq mgnRatio mmr
    notionalUsd notionalUsdForBorrow notionalUsdForFutures notionalUsdForOption notionalUsdForSwap
    ordFroz totalEq uTime upl
""")
BALANCE_DETAIL = _names("""
    accAvgPx autoLendMtAmt autoLendStatus availBal availEq borrowFroz cashBal ccy clSpotInUseAmt
    colBorrAutoConversion colRes collateralEnabled collateralRestrict crossLiab disEq eq eqUsd
    fixedBal frozenBal frpType imr interest isoEq isoLiab isoUpl liab maxLoan maxSpotInUse mgnRatio
    mmr notionalLever openAvgPx ordFrozen rewardBal smtSyncEq spotBal spotCopyTradingEq
    spotInUseAmt spotIsoBal spotUpl spotUplRatio stgyEq totalPnl totalPnlRatio twap uTime upl
    uplLiab
""")
CONFIG = _names("""
    acctLv acctStpMode autoLoan ctIsoMode enableSpotBorrow feeType greeksType ip kycLv label level
    levelTmp liquidationGear mainUid mgnIsoMode opAuth perm posMode roleType settleCcy
    settleCcyList spotBorrowAutoRepay spotOffsetType spotRoleType spotTraderInsts stgyType
    traderInsts type uid
""")
TRADE_FEE = _names("""
    category delivery exercise feeGroup fiat instType level maker makerU makerUSDC ruleType taker
    takerU takerUSDC ts
""")
