"""The guardian of keys: what it asks the venue, and what becomes of the answer."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client

from connect_portal.audit.models import Event
from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.models import Binding, Grant, VenueKey
from connect_portal.authorizations.models.accounts import PROBED_EVERY
from connect_portal.institutions.models import Institution
from connect_portal.kit.clock import now
from connect_portal.people.models import Person
from connect_portal.venue import sandbox_operator
from tests.authorizations.oauth import client_of, granted
from tests.faults import proxy as faults
from tests.faults.exchange import bound, credentials, rich_trader
from tests.faults.proxy import Fault, Proxy
from tests.sandbox.conftest import Sandbox, Trader

pytestmark = pytest.mark.django_db

CONFIG = "/api/v5/account/config"
WITHDRAWS = faults.with_value("perm", "read_only,trade,withdraw")
READS_ONLY = faults.with_value("perm", "read_only")
Outbox = list[EmailMultiAlternatives]


@pytest.fixture
def trader(exchange: Sandbox) -> Trader:
    """Alice at the exchange."""
    return rich_trader(exchange)


@pytest.fixture
def binding(alice: Person, acme: Institution, trader: Trader) -> Binding:
    """Her key, bound for Acme."""
    return bound(alice, trader, acme).bindings.get()


def ask_all() -> int:
    """Let every key be due, and the guardian come by."""
    for table in (Binding, Grant):
        table.objects.update(next_probe_at=now() - timedelta(seconds=1))
    return actions.look_after_keys()


def ask(proxy: Proxy, fault: Fault) -> None:
    proxy.spoil(CONFIG, fault, times=9)
    ask_all()
    proxy.clear()


def tags() -> list[str]:
    return list(Event.objects.filter(tag__contains=":binding:").values_list("tag", flat=True))


def test_a_sound_key_stays_bound_and_is_asked_about_again_in_its_time(
    binding: Binding, proxy: Proxy
) -> None:
    assert actions.look_after_keys() == 0, "it is not due yet"
    assert ask_all() == 1
    binding.refresh_from_db()
    assert binding.state == "bound"
    assert PROBED_EVERY * 0.7 < binding.next_probe_at - now() < PROBED_EVERY * 1.3
    assert tags() == []


def test_a_key_that_the_venue_refuses_is_degraded_and_its_leave_stands(
    binding: Binding, proxy: Proxy, mailoutbox: Outbox, alice: Person
) -> None:
    ask(proxy, faults.KEY_GONE)
    binding.refresh_from_db()
    assert binding.state == "degraded"
    (standing,) = queries.standings(binding.venue_account_id)
    assert standing.until is None
    assert queries.accesses([binding.venue_account_id]) == [], "nothing is read with it"
    assert tags() == ["authorizations:binding:degraded"]

    ask(proxy, faults.KEY_GONE)
    assert tags() == ["authorizations:binding:degraded"], "it is said once"
    actions.send_waiting()
    (letter,) = mailoutbox
    assert letter.to == [alice.email]
    assert "refuses your key for Acme" in letter.subject


def test_a_degraded_key_that_works_again_is_bound_again(binding: Binding, proxy: Proxy) -> None:
    ask(proxy, faults.KEY_GONE)
    ask_all()
    binding.refresh_from_db()
    assert (binding.state, binding.trouble) == ("bound", "")
    assert queries.accesses([binding.venue_account_id]) != []
    assert tags()[-1] == "authorizations:binding:restored"


def test_a_key_that_may_no_longer_trade_is_degraded(binding: Binding, proxy: Proxy) -> None:
    ask(proxy, READS_ONLY)
    binding.refresh_from_db()
    assert (binding.state, binding.trouble) == ("degraded", "The key may no longer trade.")


def test_a_key_that_may_withdraw_now_is_put_aside_at_once(
    binding: Binding, proxy: Proxy, mailoutbox: Outbox
) -> None:
    ask(proxy, WITHDRAWS)
    binding.refresh_from_db()
    assert binding.state == "quarantined"
    assert "withdraw" in binding.trouble
    assert binding.sealed_credentials is None, "such a key is not kept"
    (standing,) = queries.standings(binding.venue_account_id)
    assert standing.until == binding.quarantined_at
    actions.send_waiting()
    (letter,) = mailoutbox
    assert "We put aside your key for Acme" in letter.subject
    assert "delete it at the venue" in str(letter.body)


def test_the_owner_sees_what_was_put_aside_and_how_to_go_on(
    binding: Binding, proxy: Proxy, client: Client, alice: Person, acme: Institution
) -> None:
    ask(proxy, WITHDRAWS)
    client.force_login(alice)
    page = client.get("/user/").text
    assert "Put aside for safety" in page
    assert "The key may now also withdraw." in page
    assert f"/user/bind/?institution={acme.pk}" in page
    form = client.get(f"/user/bind/?institution={acme.pk}").text
    assert re.search(rf'<option value="{acme.pk}"\s+selected', form)


def test_a_key_that_was_limited_to_addresses_and_works_from_anywhere_is_put_aside(
    binding: Binding, proxy: Proxy
) -> None:
    ask(proxy, faults.with_value("ip", "127.0.0.0/8,203.0.113.7"))
    binding.refresh_from_db()
    assert (binding.state, binding.ips) == ("bound", ["127.0.0.0/8", "203.0.113.7"])
    ask_all()
    binding.refresh_from_db()
    assert binding.state == "quarantined"
    assert "anywhere" in binding.trouble


def test_what_is_put_aside_is_neither_asked_about_nor_restored(
    binding: Binding, proxy: Proxy
) -> None:
    ask(proxy, WITHDRAWS)
    assert ask_all() == 0
    assert proxy.asked == []
    binding.refresh_from_db()
    assert binding.state == "quarantined"


def test_a_sound_key_bound_anew_takes_the_place_of_what_was_put_aside(
    binding: Binding, proxy: Proxy, alice: Person, acme: Institution, trader: Trader
) -> None:
    ask(proxy, WITHDRAWS)
    actions.bind_key(
        owner_id=alice.pk,
        institution_id=acme.pk,
        credentials=credentials(trader),
        actor=alice.actor,
    )
    binding.refresh_from_db()
    assert (binding.state, binding.ended_by) == ("unbound", "superseded")
    before, after = queries.standings(binding.venue_account_id)
    assert before.until == binding.quarantined_at
    assert after.until is None
    assert before.until <= after.since, "the time between counts for nobody"


@pytest.mark.parametrize(
    "fault",
    [faults.DOWN, faults.MAINTENANCE, faults.THROTTLED, faults.RESET, faults.CUT, faults.HTML],
    ids=["503", "50001", "429", "reset", "cut", "html"],
)
def test_a_venue_that_is_away_is_no_fault_of_the_key(
    fault: Fault, binding: Binding, proxy: Proxy
) -> None:
    ask(proxy, fault)
    binding.refresh_from_db()
    assert binding.state == "bound"
    assert binding.next_probe_at > now() + timedelta(seconds=30), "nobody hammers the venue"
    assert tags() == []


def test_a_run_ends_with_the_first_sign_that_the_venue_is_away(
    binding: Binding, proxy: Proxy, exchange: Sandbox, bob: Person, acme: Institution
) -> None:
    bound(bob, rich_trader(exchange), acme)
    proxy.spoil(CONFIG, faults.THROTTLED, times=9)
    assert ask_all() == 0
    assert len({key for key, target in proxy.asked if target.startswith(CONFIG)}) == 1


def test_our_copy_that_does_not_open_is_no_fault_of_the_key(
    binding: Binding, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    Binding.objects.update(sealed_credentials=b"torn")
    ask_all()
    binding.refresh_from_db()
    assert binding.state == "bound"
    assert "does not open" in caplog.text
    assert proxy.asked == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_ask_about_each_key_once(
    proxy: Proxy, exchange: Sandbox, alice: Person, acme: Institution
) -> None:
    for _ in range(5):
        bound(alice, rich_trader(exchange), acme)
    Binding.objects.update(next_probe_at=now() - timedelta(seconds=1))

    def work(_: int) -> int:
        try:
            return actions.look_after_keys()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 5
    asked = [key for key, target in proxy.asked if target.startswith(CONFIG)]
    assert len(asked) == len(set(asked)) == 5


def test_a_key_made_here_that_is_put_aside_is_deleted_at_the_venue(
    exchange: Sandbox, proxy: Proxy, alice: Person, acme: Institution
) -> None:
    made = actions.bind_new_key(owner_id=alice.pk, institution_id=acme.pk, actor=alice.actor)
    ask(proxy, WITHDRAWS)
    assert actions.delete_due() == 1
    keys = sandbox_operator.keys(made.binding.venue_account.uid)
    assert made.credentials.api_key not in [key.api_key for key in keys]


def test_a_key_that_a_second_person_has_in_hand_is_put_aside(
    binding: Binding, trader: Trader, acme: Institution, client: Client, mallory: Person
) -> None:
    client.force_login(mallory)
    form = {"institution": acme.pk, "api_key": trader.api_key, "secret": trader.secret}
    answer = client.post("/user/bind/", form | {"passphrase": trader.passphrase})
    assert answer.status_code == 422
    assert "another person" in str(answer.context["form"].errors["api_key"])
    binding.refresh_from_db()
    assert binding.state == "quarantined"
    assert "Somebody else has this key" in binding.trouble


def test_a_grant_whose_key_is_gone_at_the_venue_ends_and_the_person_is_told(
    exchange: Sandbox, alice: Person, acme: Institution, mailoutbox: Outbox
) -> None:
    client, _ = client_of(acme)
    grant = granted(alice, client)
    key = VenueKey.objects.get(grant=grant)
    sandbox_operator.delete_keys(key.uid, key.label)
    ask_all()
    grant.refresh_from_db()
    assert (grant.state, grant.ended_by) == ("ended", "venue")
    actions.send_waiting()
    assert "Your connection to Acme has ended" in [letter.subject for letter in mailoutbox]
