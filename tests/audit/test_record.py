"""Recording: with its change or not at all, one writer at a time, and never undone."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from connect_portal.audit import codes, queries
from connect_portal.audit.actions import News, record, record_many
from connect_portal.audit.errors import BadEvent, OutsideTransaction
from connect_portal.audit.models import Event


def given(subject: str = "person:13") -> Event:
    """Record one event as an app would."""
    with transaction.atomic():
        return record(
            "people:membership:given", actor="person:12", subject=subject, data={"role": "owner"}
        )


@pytest.mark.django_db
def test_events_follow_each_other_from_the_origin() -> None:
    first, second = given(), given()
    assert (first.id, first.previous_hash) == (1, codes.ORIGIN)
    assert (second.id, second.previous_hash) == (2, first.hash)
    assert list(queries.events_about("person:13")) == [first, second]


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        record("people:membership:given", actor="demo", subject="person:13")
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_bad_event_is_refused_before_anybody_waits() -> None:
    with pytest.raises(BadEvent), transaction.atomic():
        record("people:membership", actor="demo", subject="person:13")
    with pytest.raises(BadEvent), transaction.atomic():
        record("people:key:made", actor="demo", subject="person:13", data={"secret": "x"})


@pytest.mark.django_db
def test_a_change_rolled_back_leaves_no_event_and_no_gap() -> None:
    first = given()
    with transaction.atomic():
        record("people:membership:given", actor="demo", subject="person:13")
        transaction.set_rollback(True)
    assert given().id == first.id + 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'person:1'",
        "UPDATE audit_event SET data = data",
        "DELETE FROM audit_event",
    ],
)
def test_the_database_refuses_to_change_an_event(statement: str) -> None:
    given()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_the_database_refuses_to_empty_the_table() -> None:
    cursor = connection.cursor()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        cursor.execute("TRUNCATE audit_event")


@pytest.mark.django_db
def test_many_events_at_once_are_chained_like_those_recorded_one_by_one() -> None:
    given()
    news = [News("people:person:registered", f"person:{n}", {"n": n}) for n in range(5)]
    events = record_many(news, actor="system:tests")
    given()
    assert [event.data["n"] for event in events] == list(range(5))
    assert queries.verify().intact
    assert queries.verify().count == 7


@pytest.mark.django_db
def test_of_many_events_a_bad_one_keeps_all_of_them_out() -> None:
    news = [News("people:person:registered", "person:1"), News("no tag", "x:1")]
    with pytest.raises(BadEvent):
        record_many(news, actor="system:tests")
    assert queries.verify().count == 0


@pytest.mark.django_db
def test_nothing_to_record_is_no_event() -> None:
    assert record_many([], actor="system:tests") == []


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain() -> None:
    def write() -> None:
        try:
            for number in range(10):
                given(f"person:{number}")
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert queries.verify().count == 40
    assert queries.verify().intact
