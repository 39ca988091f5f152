"""Rotation of the vault's keys: afterwards the newest opens everything, and the others nothing."""

import os
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from uuid import uuid4

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect_portal.audit.models import Event
from connect_portal.authorizations.models import Binding, PageKey, VenueAccount, VenueKey
from connect_portal.institutions.models import Institution
from connect_portal.kit import sealed
from connect_portal.kit.secrets import key_id_of
from connect_portal.people.actions import set_totp
from connect_portal.people.models import Person
from connect_portal.venue.types import Credentials
from tests import cast

pytestmark = pytest.mark.django_db

OLD, NEW = os.urandom(32), os.urandom(32)
BEFORE, BETWEEN, AFTER = {"k1": OLD}, {"k2": NEW, "k1": OLD}, {"k2": NEW}


def credentials() -> Credentials:
    return Credentials(str(uuid4()), "the secret", "the passphrase")


def account(owner: Person) -> VenueAccount:
    return VenueAccount.objects.create(owner=owner, venue=cast.VENUE, uid=str(uuid4())[:32])


def bound(owner: Person, institution: Institution) -> Binding:
    row = Binding(
        venue_account=account(owner), institution=institution, state="bound", permissions=[]
    )
    row.keep(credentials())
    row.save()
    return row


def page_key(owner: Person) -> PageKey:
    place = account(owner)
    key = VenueKey.objects.create(label=str(uuid4()), venue=place.venue, uid=place.uid)
    row = PageKey(venue_account=place, venue_key=key)
    row.keep(credentials())
    row.save()
    return row


def second_factors(owner: Person) -> None:
    set_totp(owner, cast.TOTP_SECRET, actor=cast.ACTOR)
    RecoveryCodes.activate(owner)


def rotate(**options: bool) -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out, **options)
    return out.getvalue()


def test_everything_opens_with_the_new_key_alone(alice: Person, acme: Institution) -> None:
    with override_settings(VAULT=BEFORE):
        binding, page = bound(alice, acme), page_key(alice)
        second_factors(alice)
        kept = [binding.credentials(), page.credentials()]
        codes = RecoveryCodes.activate(alice).generate_codes()
        payload = bytes(binding.sealed_credentials or b"")[-60:]
    with override_settings(VAULT=BETWEEN):
        said = rotate()
    assert "authorizations_binding.sealed_credentials: 1 rotated, 0 under the newest" in said
    assert "authorizations_pagekey.sealed_credentials: 1 rotated" in said
    assert "mfa_authenticator.data: 2 rotated" in said
    with override_settings(VAULT=AFTER):
        for row in (binding, page):
            row.refresh_from_db()
        assert [binding.credentials(), page.credentials()] == kept
        assert RecoveryCodes.activate(alice).generate_codes() == codes
        totp = Authenticator.objects.get(type=Authenticator.Type.TOTP)
        assert get_adapter().decrypt(totp.data["secret"]) == cast.TOTP_SECRET
    assert bytes(binding.sealed_credentials or b"").endswith(payload), "what is hidden is untouched"


@given(
    ages=st.lists(st.sampled_from(["old", "new", "ended", "torn"]), max_size=7),
    stops=st.lists(st.integers(1, 3), max_size=3),
)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_stopped_and_run_again_it_ends_with_all_under_the_new_key_or_named(
    ages: list[str],
    stops: list[int],
    alice: Person,
    acme: Institution,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Binding.objects.all().delete()
    monkeypatch.setattr(sealed, "ROWS_AT_ONCE", 2)
    torn = set()
    for age in ages:
        with override_settings(VAULT=BETWEEN if age == "new" else BEFORE):
            row = bound(alice, acme)
        if age == "torn":
            Binding.objects.filter(pk=row.pk).update(sealed_credentials=b"torn")
            torn.add(row.pk)
        if age == "ended":
            ended = {"state": "unbound", "ended_at": row.bound_at, "ended_by": "user"}
            Binding.objects.filter(pk=row.pk).update(sealed_credentials=None, **ended)
    (column,) = [one for one in sealed.known() if one.model is Binding]
    with override_settings(VAULT=BETWEEN):
        for batches in stops:
            stop_after(column, batches)
        (count,) = [one for one in sealed.rotate() if one.name == column.name]
    assert set(count.broken) == torn, "nothing is passed over in silence"
    with override_settings(VAULT=AFTER):
        for row in Binding.objects.exclude(sealed_credentials=None).exclude(pk__in=torn):
            assert row.credentials().secret == "the secret"


def stop_after(column: sealed.Sealed, batches: int) -> None:
    """A run whose process ends after some batches: what is committed stays."""
    last, count = None, sealed.Count(column.name)
    for _ in range(batches):
        rows = sealed._batch(column, last)
        changed = [row for row in rows if sealed._rewrap(column, row, count)]
        Binding.objects.bulk_update(changed, ["sealed_credentials"])
        last = rows[-1].pk if rows else last


def test_a_second_run_changes_nothing(alice: Person, acme: Institution) -> None:
    with override_settings(VAULT=BEFORE):
        binding = bound(alice, acme)
    with override_settings(VAULT=BETWEEN):
        rotate()
        binding.refresh_from_db()
        once = bytes(binding.sealed_credentials or b"")
        assert "0 rotated, 1 under the newest" in rotate()
        binding.refresh_from_db()
    assert bytes(binding.sealed_credentials or b"") == once


def test_a_look_counts_what_is_left_and_changes_nothing(alice: Person, acme: Institution) -> None:
    with override_settings(VAULT=BEFORE):
        binding = bound(alice, acme)
    with override_settings(VAULT=BETWEEN):
        with pytest.raises(CommandError, match="1 values are not under key k2 yet"):
            rotate(check=True)
        binding.refresh_from_db()
        assert key_id_of(binding.sealed_credentials or b"") == "k1"
        rotate()
        assert "Every value is under key k2" in rotate(check=True)


def test_a_value_that_does_not_open_is_named_and_the_rest_rotated(
    alice: Person, acme: Institution
) -> None:
    with override_settings(VAULT={"k0": os.urandom(32)}):
        lost = bound(alice, acme)
    with override_settings(VAULT=BEFORE):
        sound = bound(alice, acme)
    with override_settings(VAULT=BETWEEN):
        with pytest.raises(CommandError, match="1 rows hold a value that does not open"):
            rotate()
        sound.refresh_from_db()
        assert key_id_of(sound.sealed_credentials or b"") == "k2"
    event = Event.objects.get(tag="audit:vault:rotated")
    assert event.data["authorizations_binding.sealed_credentials"]["broken"] == [lost.pk]


def test_a_rotation_takes_as_many_statements_for_few_rows_as_for_many(
    alice: Person, acme: Institution
) -> None:
    def statements(rows: int) -> int:
        with override_settings(VAULT=BEFORE):
            for _ in range(rows):
                bound(alice, acme)
        with (
            override_settings(VAULT=BETWEEN),
            CaptureQueriesContext(
                connection,
            ) as seen,
        ):
            rotate()
        return len(seen)

    assert statements(1) == statements(40)


@pytest.mark.django_db(transaction=True)
def test_the_site_goes_on_while_keys_are_rotated(
    alice: Person, acme: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "ROWS_AT_ONCE", 3)
    with override_settings(VAULT=BEFORE):
        rows = [bound(alice, acme) for _ in range(12)]

    def end(row: Binding) -> None:
        try:
            ended = {"state": "unbound", "ended_at": row.bound_at, "ended_by": "user"}
            Binding.objects.filter(pk=row.pk).update(sealed_credentials=None, **ended)
        finally:
            connection.close()

    with override_settings(VAULT=BETWEEN), ThreadPoolExecutor(4) as people:
        work = [people.submit(end, row) for row in rows[::2]]
        rotate()
        for done in work:
            done.result()
    with override_settings(VAULT=AFTER):
        for row in Binding.objects.all():
            assert row.state == "unbound" or row.credentials().secret == "the secret"
    assert Binding.objects.filter(state="bound").count() == 6
    assert not Binding.objects.filter(state="unbound", sealed_credentials__isnull=False).exists()
