"""Files of rebates: a broker's fills read from the history, summed, and sent as CSV in a zip.

Nothing is kept but the request: a file is made while it is sent, by pages, and comes out the same
each time. A link carries when it ends and a signature that only the report's secret makes. Columns:
https://www.okx.com/docs-v5/broker_en/#fully-disclosed-broker ("Get download link").
"""

import hashlib
import hmac
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

from connect_portal.sandbox.engine.brokers import codes_of
from connect_portal.sandbox.engine.fees import level_name
from connect_portal.sandbox.engine.matching import DAY_MS
from connect_portal.sandbox.engine.model import Fill, State
from connect_portal.sandbox.engine.programme import Report
from connect_portal.sandbox.engine.units import plain
from connect_portal.sandbox.rebates import CAPPED, Line, Waterfall, month_start, to_units
from connect_portal.sandbox.store import Store
from connect_portal.sandbox.wire.environments import Venue
from connect_portal.sandbox.wire.http1.messages import Answer, Request
from connect_portal.sandbox.wire.rpc import NOT_FOUND, json_answer

HEADER = (
    "brokerCode,level,uid,instId,ordId,clOrdId,spotTradeAmt,derivativeTradeAmt,fee,netFee,"
    "settlementFee,brokerRebate,subBrokerRebate,userRebate,affiliated,ts"
)
ROOT = "/broker/files/"
LINK = re.compile(r"([0-9]{1,19})-([0-9]{1,15})-([0-9a-f]{64})\.zip", re.ASCII)
LINK_MS = 2 * 3_600_000
FILLS_PER_PAGE, LINES_PER_CHUNK = 500, 500
OF_CAPPED = f"json_extract(CAST(body AS TEXT), '$.level') IN {tuple(sorted(CAPPED))}"
EXPIRED = {"code": "403", "msg": "Request has expired."}


def link(report: Report, now: int) -> str:
    """The path of the report's file, good for two hours from `now`."""
    ends = now + LINK_MS
    return f"{ROOT}{report.report_id}-{ends}-{_signature(report, ends)}.zip"


class Files:
    """Answers those links."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def answer(self, request: Request) -> Answer:
        """The file, or why there is none."""
        found = LINK.fullmatch(request.path.removeprefix(ROOT))
        for environment in self.venue.both if found and request.method == "GET" else ():
            assert found is not None
            store, report_id, ends = environment.store, int(found[1]), int(found[2])
            uid, report = find_report(store.exchange.state, report_id)
            if report and hmac.compare_digest(_signature(report, ends), found[3]):
                if store.business_ms() >= ends:
                    return json_answer(EXPIRED, 403)
                lines = Reader(store, uid, report.kind).lines(report)
                return Answer(zipped(name_of(report), text(lines)), kind=b"application/zip")
        return json_answer(NOT_FOUND, 404)


def find_report(state: State, report_id: int) -> tuple[str, Report | None]:
    """A report by its number, and whose it is."""
    for uid, reports in state.reports.items():
        for report in reports:
            if report.report_id == report_id:
                return uid, report
    return "", None


class Reader:
    """Reads what one account was promised for its codes of one kind. Make it on the loop's thread.

    `lines` and `used_by` block and may run on any other.
    """

    def __init__(self, store: Store, uid: str, kind: str) -> None:
        exchange = store.exchange
        self.history = store.history
        self.codes = codes_of(exchange.state, uid, kind)
        self.brokers, self.clients = exchange.state.brokers, exchange.state.clients
        self.instruments = exchange.world.instruments

    def lines(self, report: Report) -> Iterator[Line]:
        """What the report says, order by order, read page by page."""
        sums, first = self._sums(), report.begin * DAY_MS
        over = min((report.end + 1) * DAY_MS, report.asked + 1)
        asked = f"id < {report.report_id}"
        earlier = self._fills(month_start(first), min(first, over), f"{asked} AND {OF_CAPPED}")
        for _ in sums.lines(earlier):
            pass  # what clients with a cap have used of it earlier in the month
        yield from sums.lines(self._fills(first, over, asked))

    def used_by(self, uid: str, now: int) -> int:
        """What a client of a capped tier has earned its broker this month, in units."""
        sums, of_client = self._sums(), f"uid = {int(uid)} AND {OF_CAPPED}"
        for _ in sums.lines(self._fills(month_start(now), now + 1, of_client)):
            pass
        return to_units(sum(sums.used.values()))

    def _sums(self) -> Waterfall:
        return Waterfall(self.brokers, self.clients, self.instruments)

    def _fills(self, start: int, end: int, more: str) -> Iterator[Fill]:
        """Fills with one of the codes, by day, in a day by order, then by id."""
        codes = ", ".join("?" * len(self.codes))
        where = f"tag != '' AND tag IN ({codes}) AND ts >= ? AND ts < ? AND {more}"
        for day in range(start, end, DAY_MS):
            values = (*self.codes, day, day + DAY_MS)
            ids = self.history.ids(Fill, where, values, "order_id, id")
            for at in range(0, len(ids), FILLS_PER_PAGE):
                page = ids[at : at + FILLS_PER_PAGE]
                among = f"id IN ({', '.join(map(str, page))})"
                found = self.history.find(Fill, among, (), len(page))
                fill_of = {fill.bill_id: fill for fill in found}
                yield from (fill_of[each] for each in page)


def row(line: Line) -> str:
    """A line in the columns of `HEADER`; all of it is letters, digits, dots and signs."""
    fill = line.fill
    return ",".join(
        (
            fill.tag,
            level_name(fill.level),
            fill.uid,
            fill.inst,
            str(fill.order_id),
            fill.cl,
            plain(to_units(line.traded)),
            "0",
            plain(to_units(line.fee)),
            plain(to_units(line.net)),
            plain(to_units(line.base)),
            *map(plain, line.shares),
            "true" if line.affiliated else "false",
            str(fill.ts),
        )
    )


def text(found: Iterator[Line]) -> Iterator[bytes]:
    """The CSV in chunks of many lines."""
    chunk = [HEADER]
    for line in found:
        chunk.append(row(line))
        if len(chunk) >= LINES_PER_CHUNK:
            yield ("\n".join(chunk) + "\n").encode()
            chunk.clear()
    yield "".join(each + "\n" for each in chunk).encode()


def zipped(name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A zip with one file, written as it is read; the same bytes for the same file."""
    sink, inside = _Sink(), zipfile.ZipInfo(name)
    inside.compress_type = zipfile.ZIP_DEFLATED
    with (
        zipfile.ZipFile(sink, "w") as archive,
        archive.open(inside, "w", force_zip64=True) as entry,
    ):
        for chunk in chunks:
            entry.write(chunk)
            yield sink.take()
    yield sink.take()


def name_of(report: Report) -> str:
    """What the file in the zip is called."""
    begin, end = (
        datetime.fromtimestamp(day * DAY_MS // 1000, UTC) for day in (report.begin, report.end)
    )
    return f"RebateDetails{begin:%Y%m%d}-{end:%Y%m%d}.csv"


class _Sink:
    """What a zip is written to: bytes wait here until they are sent."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, block: bytes, /) -> int:
        self._waiting += block
        return len(block)

    def flush(self) -> None:
        """Nothing is behind it."""

    def close(self) -> None:
        """Nothing to let go of."""

    def take(self) -> bytes:
        """What has been written since the last time."""
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


def _signature(report: Report, ends: int) -> str:
    return hmac.new(report.secret.encode(), b"%d" % ends, hashlib.sha256).hexdigest()
