"""The proof: whoever rewrites the trail behind the triggers' back is found at the exact row."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from connect_portal.audit import codes, queries
from connect_portal.audit.actions import record
from connect_portal.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> list[Event]:
    """Five events."""
    with transaction.atomic():
        return [
            record("people:person:registered", actor="demo", subject=f"person:{number}")
            for number in range(1, 6)
        ]


@pytest.fixture
def tamper() -> Callable[[str], None]:
    """Run SQL as somebody who may switch the triggers off."""

    def run(statements: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
            cursor.execute(statements)

    return run


def verify() -> str:
    """What the command prints."""
    out = StringIO()
    call_command("verify_audit", stdout=out)
    return out.getvalue()


def test_an_empty_trail_is_whole() -> None:
    assert verify() == f"0 events, chain intact, head {codes.ORIGIN}\n"


def test_a_whole_chain_is_counted_to_its_head(chain: list[Event]) -> None:
    assert verify() == f"5 events, chain intact, head {chain[-1].hash}\n"


MOVE_2_AND_3 = (
    "UPDATE audit_event SET id = 99 WHERE id = 2;"
    "UPDATE audit_event SET id = 2 WHERE id = 3;"
    "UPDATE audit_event SET id = 3 WHERE id = 99"
)


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ("UPDATE audit_event SET actor = 'person:1' WHERE id = 3", "event 3 edited"),
        ("UPDATE audit_event SET data = '{\"a\": 1.5}' WHERE id = 3", "event 3 edited"),
        ("UPDATE audit_event SET at = at + interval '1 us' WHERE id = 3", "event 3 edited"),
        ("DELETE FROM audit_event WHERE id = 3", "event 3 removed"),
        ("DELETE FROM audit_event WHERE id = 1", "event 1 removed"),
        (MOVE_2_AND_3, "event 2 moved"),
        ("UPDATE audit_event SET id = -1 WHERE id = 3", "event -1 added"),
    ],
)
def test_the_first_broken_event_is_named(
    chain: list[Event], tamper: Callable[[str], None], statements: str, verdict: str
) -> None:
    tamper(statements)
    with pytest.raises(CommandError, match=verdict):
        verify()


def test_an_event_rewritten_with_a_fresh_hash_breaks_the_one_after_it(
    chain: list[Event], tamper: Callable[[str], None]
) -> None:
    forged = Event.objects.get(id=3)
    forged.actor = "person:1"
    tamper(
        f"UPDATE audit_event SET actor = 'person:1', hash = '{forged.computed_hash()}' WHERE id = 3"
    )
    with pytest.raises(CommandError, match="event 4 moved"):
        verify()


def test_a_chain_cut_at_its_end_misses_a_head_noted_before(
    chain: list[Event], tamper: Callable[[str], None]
) -> None:
    tamper("DELETE FROM audit_event WHERE id = 5")
    assert queries.verify().intact
    assert queries.verify(expected_head=chain[3].hash).intact
    assert queries.verify(expected_head=chain[4].hash).broken_id == 5
