"""Renewals as they are played in tests: business time that goes on, and who does what."""

from datetime import timedelta
from typing import Any

import pytest

from connect_portal.institutions.actions import (
    confirm_renewal,
    countersign,
    propose_renewal,
    refuse_signed,
    sign,
)
from connect_portal.institutions.actions.renewing import announce_due
from connect_portal.institutions.models import Application, Contract, Renewal
from tests.institutions.road import PROOF, Road

TERM_DAYS = 365


def go_on(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Let business time be ``days`` ahead of the wall clock, for everybody."""
    ahead = timedelta(days=days)
    monkeypatch.setattr("connect_portal.venue.business_clock.ahead", lambda: ahead)


def near_its_end(monkeypatch: pytest.MonkeyPatch, *, days_left: float = 30) -> None:
    """Let the contract that was made today be near its end, its renewal on the desk."""
    go_on(monkeypatch, TERM_DAYS - days_left)
    announce_due()


def propose(road: Road, application: Application, **more: Any) -> Renewal:
    """Morgan proposes the renewal."""
    return propose_renewal(application.pk, person=road.manager, **more)


def send(road: Road, application: Application, **more: Any) -> Contract:
    """The same, and Finn confirms it."""
    return confirm_renewal(propose(road, application, **more).pk, person=road.finance)


def sign_it(road: Road, application: Application) -> None:
    """Iris signs what was sent."""
    assert application.institution_id is not None
    sent = Contract.objects.latest("pk")
    asked = {"name": "Iris", "sha256": sent.sha256, "proof": PROOF}
    sign(application.institution_id, person=road.applicant, **asked)


def countersign_it(road: Road, application: Application) -> None:
    """Cora countersigns what was signed."""
    assert application.institution_id is not None
    asked = {"sha256": Contract.objects.latest("pk").sha256, "proof": PROOF}
    countersign(application.institution_id, person=road.compliance, **asked)


def decline_it(road: Road, application: Application, note: str = "Not on these terms.") -> None:
    """Cora does not countersign what was signed."""
    refuse_signed(application.pk, person=road.compliance, note=note)


def renew(road: Road, application: Application, **more: Any) -> Contract:
    """All of it: the next contract, signed by both."""
    sent = send(road, application, **more)
    sign_it(road, application)
    countersign_it(road, application)
    sent.refresh_from_db()
    return sent
