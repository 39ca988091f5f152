"""Amendments under way: of one order at most three at a time wait for the disk."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from connect_portal.sandbox.engine.commands import AddKey, Faucet, OpenAccount
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.endpoints import Call, Rows
from connect_portal.sandbox.wire.limits import Limiter
from connect_portal.sandbox.wire.rest import trade

ORDER = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "side": "buy",
    "ordType": "limit",
    "px": "100",
    "sz": "1",
    "clOrdId": "a1",
}


async def codes_of_five_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What five amendments of one order answer while the disk does not."""
    store, limiter, disk = Store(folder), Limiter(), threading.Event()
    store.start()
    alice = (await store.submit(OpenAccount(reference="Alice", label="Alice"))).value.uid
    await store.submit(Faucet(uid=alice, reference="1", ccy="USDT", amt="1000"))
    secret = {"api_key": "k", "secret": "s", "passphrase_hash": "p", "perm": "trade"}
    key = (await store.submit(AddKey(uid=alice, **secret))).value

    async def ask(verb: Any, item: dict[str, str]) -> str:
        rows: Rows = await verb(Call(store, limiter, items=[item], key=key))
        return str(rows.data[0]["sCode"])

    assert await ask(trade.place_orders, ORDER) == "0"
    append = store.journal.append

    def wait_and_append(lines: list[bytes]) -> None:
        disk.wait(20)
        append(lines)

    monkeypatch.setattr(store.journal, "append", wait_and_append)
    asked = [
        asyncio.create_task(ask(trade.amend_orders, ORDER | {"newPx": f"{px}"}))
        for px in range(101, 106)
    ]
    await asyncio.wait(asked, timeout=0.5, return_when=asyncio.ALL_COMPLETED)
    disk.set()
    codes = [await answer for answer in asked]
    codes.append(await ask(trade.amend_orders, ORDER | {"newPx": "99"}))
    await store.close()
    return codes


def test_fourth_amendment_of_an_order_waits_in_vain_while_three_are_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = asyncio.run(codes_of_five_at_once(tmp_path, monkeypatch))
    assert codes == ["0", "0", "0", "51513", "51513", "0"]
