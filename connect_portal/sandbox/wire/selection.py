"""From the wire's filters and cursors to a question to the history. Column names are ours."""

from typing import Any

from connect_portal.sandbox.engine.tape import DAY_MS
from connect_portal.sandbox.engine.world import first_id
from connect_portal.sandbox.history import Record
from connect_portal.sandbox.wire.endpoints import Call


class Selection:
    """Conditions that all hold; an absent value asks for nothing."""

    def __init__(self, uid: str) -> None:
        self.parts, self.values = ["uid = ?"], [uid]

    def where(self, sql: str, value: Any) -> "Selection":
        """Add a condition with one `?`, unless the value is absent ("" or 0)."""
        if value:
            self.parts.append(sql)
            self.values.append(value)
        return self

    def among(self, column: str, values: list[str]) -> "Selection":
        """The column holds one of these; no values means any."""
        if values:
            self.parts.append(f"{column} IN ({', '.join('?' * len(values))})")
            self.values += values
        return self

    def within(self, call: Call) -> "Selection":
        """The cursors (`after`, `before`: exclusive ids) and the span (`begin`, `end`).

        Ids are made of time, so a span of time is a span of ids, which the indexes follow.
        """
        begin, end = call.values.get("begin"), call.values.get("end")
        self.where("id < ?", call.values.get("after")).where("id > ?", call.values.get("before"))
        self.where("id >= ?", begin and first_id(begin))
        return self.where("id < ?", end and first_id(end + 1))

    def of_last(self, call: Call, days: int) -> "Selection":
        """What happened in the last so many days."""
        return self.where("id >= ?", first_id(call.store.business_ms() - days * DAY_MS))

    async def newest(self, call: Call, kind: type[Record]) -> list[Record]:
        """The page: newest first, at most `limit`."""
        return await call.store.find(
            kind, " AND ".join(self.parts), self.values, call.values.get("limit", 1)
        )
