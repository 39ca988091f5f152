"""A test that commits leaves behind what migrating had made, and nothing else."""

import pytest
from django.db import DatabaseError, connection

from connect_portal.audit.models import Event
from connect_portal.institutions.models import Institution
from connect_portal.people.models import Person
from connect_portal.terms.models import Plan, PlanTier
from tests import cast, emptying


@pytest.mark.django_db(transaction=True)
def test_what_a_test_wrote_is_forgotten_and_the_example_plan_is_kept() -> None:
    tiers = list(PlanTier.objects.values())
    cast.member("Ada", cast.institution("Acme", code="ACMEcode1"))
    Plan.objects.create(name="Another", source="Acme", is_example=False)

    emptying.forget()

    written = (Institution, Person, Event)
    assert not any(table.objects.exists() for table in written)
    assert [plan.is_example for plan in Plan.objects.all()] == [True]
    assert list(PlanTier.objects.values()) == tiers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["DELETE FROM terms_plan", "TRUNCATE audit_event"])
def test_after_forgetting_the_tables_refuse_changes_as_before(statement: str) -> None:
    emptying.forget()
    with pytest.raises(DatabaseError, match="refused"):
        connection.cursor().execute(statement)
