"""Decisions are sealed in the audit trail: whoever rewrites one is found out."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from connect_portal.audit.queries import events_about
from connect_portal.authorizations.models import Grant
from connect_portal.gateway.actions import sealing
from connect_portal.gateway.actions.sealing import seal_decisions, verify
from connect_portal.gateway.models import Decision, Seal
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from tests.gateway.making import decided, grant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(alice: Person, acme: Institution, monkeypatch: pytest.MonkeyPatch) -> Grant:
    """Alice's grant, at a time when every decision is old enough."""
    monkeypatch.setattr(sealing, "SETTLED", timedelta(0))
    return grant_of(alice, acme)


def test_the_hash_of_new_decisions_enters_the_trail(grant: Grant) -> None:
    first = [decided(grant, "one1"), decided(grant, "two2", code="51000")]
    made = seal_decisions()
    assert made is not None
    assert (made.last_id, made.count) == (first[-1].pk, 2)
    (event,) = events_about(f"seal:{made.pk}")
    assert (event.tag, event.data["hash"]) == ("gateway:decisions:sealed", made.hash)
    assert seal_decisions() is None
    third = decided(grant, "three3")
    again = seal_decisions()
    assert again is not None
    assert (again.first_id, again.last_id) == (made.last_id + 1, third.pk)
    assert verify() == sealing.Verdict(seals=2, decisions=3)


def test_a_decision_that_is_too_young_waits(grant: Grant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SETTLED", timedelta(seconds=30))
    decided(grant, "one1")
    assert seal_decisions() is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gateway_decision SET reason = 'another'",
        "DELETE FROM gateway_decision WHERE id = (SELECT min(id) FROM gateway_decision)",
        "UPDATE gateway_seal SET hash = repeat('0', 64)",
    ],
    ids=["rewritten", "removed", "seal rewritten"],
)
def test_whoever_changes_what_was_sealed_is_found_out(grant: Grant, change: str) -> None:
    decided(grant, "one1", code="51000")
    decided(grant, "two2", code="51000")
    seal_decisions()
    call_command("verify_decisions")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("decision", "seal"):
            cursor.execute(f"ALTER TABLE gateway_{table} DISABLE TRIGGER USER")
        cursor.execute(change)
    with pytest.raises(CommandError, match="seal "):
        call_command("verify_decisions")


def test_a_seal_that_fits_a_rewritten_decision_is_not_in_the_trail(grant: Grant) -> None:
    decided(grant, "one1", code="51000")
    made = seal_decisions()
    assert made is not None
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("decision", "seal"):
            cursor.execute(f"ALTER TABLE gateway_{table} DISABLE TRIGGER USER")
    Decision.objects.update(reason="another")
    _, digest = sealing._digest(made.first_id, made.last_id)
    Seal.objects.update(hash=digest)
    assert verify().problem == f"seal {made.pk}: the audit trail does not hold it"
