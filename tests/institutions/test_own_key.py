"""The company's own key: tried at the exchange, kept sealed, never shown, gone with the end."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from connect_portal.institutions.actions import move, save_draft
from connect_portal.institutions.models import Application, VenueKey
from connect_portal.institutions.moves import Event
from connect_portal.venue import sandbox_operator
from connect_portal.venue.types import Credentials
from tests import cast
from tests.faults.exchange import exchange, proxy, running_exchange, running_proxy
from tests.institutions.test_road import browser_of
from tests.sandbox.conftest import Sandbox

__all__ = ["exchange", "proxy", "running_exchange", "running_proxy"]

pytestmark = pytest.mark.django_db(transaction=True)

PASSPHRASE = "Harbor-2026-aA1!"
UNKNOWN = "0a1b2c3d-0000-4000-8000-000000000001"


def key_of(uid: str, *permissions: str) -> Credentials:
    return sandbox_operator.create_key(uid, "harbor", PASSPHRASE, permissions or ("read_only",))


def give(browser: Client, draft: Application, key: Credentials) -> Any:
    sent = {"api_key": key.api_key, "secret": key.secret, "passphrase": key.passphrase}
    return browser.post(f"/apply/{draft.pk}/technical/", sent | {"then": "key"})


def test_a_key_that_only_reads_the_named_account_is_kept_sealed_and_no_other_is(
    exchange: Sandbox,
) -> None:
    uid = sandbox_operator.open_account("harbor", "Harbor")
    iris = cast.applicant("Iris")
    draft = save_draft(iris, {"company": "Harbor", "venue_account_uid": uid})
    browser, key = browser_of(iris), key_of(uid)
    wrong = {
        "This key may also trade": key_of(uid, "read_only", "trade"),
        "This key opens account": key_of(sandbox_operator.open_account("other", "Other")),
        "refused this passphrase": Credentials(key.api_key, key.secret, "Another-1!"),
        "The exchange knows no such key": Credentials(UNKNOWN, key.secret, PASSPHRASE),
    }
    for words, refused in wrong.items():
        answer = give(browser, draft, refused)
        assert answer.status_code == 422
        page = unescape(answer.content.decode())
        assert words in page
        assert refused.secret not in page
    assert not VenueKey.objects.exists()

    assert give(browser, draft, key).status_code == 302
    kept = VenueKey.objects.get()
    assert (kept.uid, kept.credentials()) == (uid, key)
    assert key.secret.encode() not in bytes(kept.sealed_credentials)
    page = browser.get(f"/apply/{draft.pk}/technical/").content.decode()
    assert f"{key.api_key[:8]}…" in page
    assert key.api_key not in page
    assert key.secret not in page

    move(draft.pk, Event.WITHDRAW, person=iris, actor=iris.actor)
    assert not VenueKey.objects.exists()
