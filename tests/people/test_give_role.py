"""The operator's command that makes staff."""

import pytest
from django.core.management import CommandError, call_command

from connect_portal.audit.queries import events_about
from connect_portal.people.models import Person

pytestmark = pytest.mark.django_db


def test_somebody_who_signed_up_gets_a_role_and_loses_it_again(alice: Person) -> None:
    call_command("give_role", "ALICE@example.com", "compliance")
    alice.refresh_from_db()
    assert alice.staff_role == "compliance"
    call_command("give_role", "alice@example.com", "none")
    alice.refresh_from_db()
    assert not alice.is_exchange_staff
    assert [event.actor for event in events_about(alice.actor)][-2:] == ["system:command"] * 2


def test_nobody_with_that_address_is_said_in_a_sentence(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody has signed up"):
        call_command("give_role", "who@example.com", "finance")
