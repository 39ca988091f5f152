"""A page's ear: reads server-sent events as the HTML standard says, and nothing else."""

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.test import Client

from connect_portal.people.models import Person


@dataclass(frozen=True)
class Event:
    """One event: its kind, its number if it had one, its text."""

    kind: str
    number: int | None
    text: str


class Stream:
    """An open stream of one institution's news."""

    def __init__(
        self, base_url: str, person: Person | None, slug: str, last_event_id: int | None = None
    ) -> None:
        where = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
        headers = {"Accept": "text/event-stream"}
        if person is not None:
            headers["Cookie"] = f"sessionid={session_of(person)}"
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        self._connection.request("GET", f"/live/institution/{slug}/", headers=headers)
        self.answer = self._connection.getresponse()

    def events(self) -> Iterator[Event]:
        """Events as they come, for as long as the stream lasts."""
        fields: dict[str, list[str]] = {}
        while line := self.answer.readline():
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(": ")
                fields.setdefault(name, []).append(value)
                continue
            if "event" in fields:
                number = int(fields["id"][0]) if "id" in fields else None
                yield Event(fields["event"][0], number, "\n".join(fields.get("data", [])))
            fields = {}

    def next(self, kind: str) -> Event:
        """The next event of a kind."""
        return next(event for event in self.events() if event.kind == kind)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def session_of(person: Person) -> str:
    """The key of a fresh session of ``person``."""
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value
