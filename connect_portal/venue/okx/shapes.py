"""The v5 JSON as it comes: the fields we read, each a text, and a decoder per shape.

A field without a default must be present; unknown fields are let pass. Used by `parse` only.
https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-transaction-details-last-3-days
"""

from typing import Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType


class Envelope(Struct):
    """Every answer. An authentication failure has no `data`; a success must have it."""

    code: str
    msg: str | None = ""
    data: list[Raw] | UnsetType = UNSET


class Heading(Struct):
    """What tells one answer from another; an unknown address answers with a number as its code."""

    code: str | int
    msg: str | None = ""


class WireFill(Struct, rename="camel", gc=False):
    bill_id: str
    trade_id: str
    ord_id: str
    cl_ord_id: str
    inst_id: str
    side: Literal["buy", "sell"]
    fill_px: str
    fill_sz: str
    fee: str
    fee_ccy: str
    exec_type: Literal["T", "M"]
    tag: str
    fill_time: str
    trade_quote_ccy: str = ""


class WireOrder(Struct, rename="camel", gc=False):
    ord_id: str
    cl_ord_id: str
    inst_id: str
    side: Literal["buy", "sell"]
    ord_type: str
    state: str
    px: str
    sz: str
    acc_fill_sz: str
    avg_px: str
    fee: str
    fee_ccy: str
    tag: str
    c_time: str
    u_time: str
    tgt_ccy: Literal["base_ccy", "quote_ccy", ""] = ""
    algo_id: str = ""
    cancel_source: str = ""


class WirePush(Struct, rename="camel", gc=False):
    ord_id: str
    inst_id: str
    trade_id: str
    u_time: str


class WireConfig(Struct):
    uid: str
    perm: str
    ip: str
    label: str


class WireTime(Struct):
    ts: str


class WireTicker(Struct, rename="camel"):
    inst_id: str
    last: str


class WireFillKey(Struct, rename="camel"):
    bill_id: str


class WireOrderKey(Struct, rename="camel"):
    ord_id: str


class WireRebate(Struct, rename="camel"):
    type: str


ENVELOPE = msgspec.json.Decoder(Envelope)
HEADING = msgspec.json.Decoder(Heading)
FILL = msgspec.json.Decoder(WireFill)
ORDER = msgspec.json.Decoder(WireOrder)
PUSH = msgspec.json.Decoder(WirePush)
REBATE = msgspec.json.Decoder(WireRebate)
CONFIG = msgspec.json.Decoder(WireConfig)
TIME = msgspec.json.Decoder(WireTime)
TICKER = msgspec.json.Decoder(WireTicker)
FILL_KEY = msgspec.json.Decoder(WireFillKey)
ORDER_KEY = msgspec.json.Decoder(WireOrderKey)
