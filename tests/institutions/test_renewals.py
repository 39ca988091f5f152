"""The renewal of a contract: due towards its end, made by four people, and nothing in between."""

from datetime import timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from connect_portal.audit.queries import verify
from connect_portal.institutions import desk
from connect_portal.institutions.actions import (
    confirm_renewal,
    decline_renewal,
    propose_renewal,
    refuse_signed,
    reminding,
)
from connect_portal.institutions.actions.renewing import announce_due
from connect_portal.institutions.actions.timers import run_timers
from connect_portal.institutions.enums import CodeState, PaperKind, Step
from connect_portal.institutions.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ContractSent,
    NoteMissing,
    NotYours,
    OwnProposal,
    SignatureUnproven,
)
from connect_portal.institutions.models import Application, ConnectCode, Contract, Renewal
from connect_portal.institutions.moves import Event, Hand
from connect_portal.institutions.queries import terms
from connect_portal.institutions.renewal_errors import (
    ContractOver,
    NoRenewal,
    NothingToRenew,
    RenewalNotDue,
)
from connect_portal.institutions.renewals import Stage, outlook
from connect_portal.institutions.signing import Proof
from connect_portal.kit.errors import Refusal
from connect_portal.monitoring.timeline import About, timeline
from connect_portal.terms.actions import add_version
from connect_portal.terms.levels import Level
from connect_portal.terms.queries import example_plan_version, plan_version, tiers
from connect_portal.venue.business_clock import business_now
from tests import cast
from tests.institutions.renewing import (
    TERM_DAYS,
    countersign_it,
    decline_it,
    go_on,
    near_its_end,
    propose,
    renew,
    send,
    sign_it,
)
from tests.institutions.road import Road
from tests.institutions.test_moves import at_once

pytestmark = pytest.mark.django_db

PAGE = "/institution/harbor-trading/contract/"


@pytest.fixture
def active(road: Road) -> Application:
    """Harbor, live and complete under a contract of today."""
    return road.until(Step.ACTIVE)


def text_of(road: Road, who: Any, path: str) -> str:
    answer = road.browser(who).get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def console(application: Application) -> str:
    return f"/console/applications/{application.pk}/contract/"


def deliver() -> list[str]:
    """Send what waits; the subjects of what went out."""
    mail.outbox.clear()
    for pk in reminding.unsent_reminders():
        reminding.send_reminder(pk)
    return [letter.subject for letter in mail.outbox]


def waits_for(application: Application) -> str:
    application.refresh_from_db()
    return application.waits_for


# --- when it is due ------------------------------------------------------------------------------
def test_a_renewal_comes_to_the_desk_once_sixty_days_before_the_contract_ends(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on(monkeypatch, TERM_DAYS - 60.1)
    assert announce_due() == 0
    assert waits_for(active) == ""
    go_on(monkeypatch, TERM_DAYS - 59.9)
    assert [announce_due(), announce_due()] == [1, 0]
    assert waits_for(active) == Hand.ACCOUNT_MANAGER
    assert active.due_at == Contract.objects.get().valid_to
    assert active.step == Step.ACTIVE
    wanted = desk.Wanted(desk.Queue.ALL, renewal=True)
    (row,) = desk.page(wanted, road.manager, business_now()).rows
    assert row.renewal == Stage.DUE
    assert "Renewal due" in text_of(road, road.manager, "/console/?queue=all&renewal=1")


def test_the_pages_say_that_it_is_due_and_who_is_next(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "renewal" not in text_of(road, road.applicant, PAGE)
    near_its_end(monkeypatch)
    shown = text_of(road, road.applicant, PAGE)
    assert "so its renewal is due" in shown
    assert "Your account manager proposes the next contract" in shown
    shown = text_of(road, road.manager, console(active))
    assert "It waits for the account manager." in shown
    assert "Propose the renewal" in shown
    assert "Propose the renewal" not in text_of(road, road.finance, console(active))
    assert "Renewal due" in text_of(road, road.manager, f"/console/applications/{active.pk}/")
    assert "Renewal due: the contract ends on" in text_of(
        road, road.manager, "/console/institutions/harbor-trading/"
    )


def test_a_contract_with_most_of_its_term_ahead_is_not_renewed(
    road: Road, active: Application
) -> None:
    with pytest.raises(RenewalNotDue, match="its renewal is due from"):
        propose(road, active)
    assert "Propose the renewal" not in text_of(road, road.manager, console(active))


def test_who_has_no_contract_yet_renews_none(road: Road) -> None:
    early = road.until(Step.CONTRACT_SIGNED)
    with pytest.raises(NothingToRenew):
        propose(road, early)
    with pytest.raises(NoRenewal):
        decline_it(road, early)


# --- four people ----------------------------------------------------------------------------------
def test_four_people_renew_a_contract_by_its_pages_and_the_application_stays_where_it_is(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, moves = Contract.objects.get(), active.moves.count()
    near_its_end(monkeypatch)
    page = console(active)
    chosen = {"plan_version": example_plan_version(), "level": 2, "note": "You have grown."}
    assert road.browser(road.manager).post(page, chosen)["Location"] == page
    assert waits_for(active) == Hand.FINANCE

    proposal = Renewal.objects.get()
    shown = text_of(road, road.finance, page)
    assert proposal.terms["sha256"] in shown
    assert f"the end of the contract before it on, {first.valid_to:%Y-%m-%d}" in shown
    answer = road.browser(road.finance).post(
        f"/console/applications/{active.pk}/renewal/", {"choice": f"confirm:{proposal.pk}"}
    )
    assert answer["Location"] == page
    assert waits_for(active) == Hand.APPLICANT

    sent = Contract.objects.latest("pk")
    assert (sent.level, sent.sha256) == (2, proposal.terms["sha256"])
    shown = text_of(road, road.applicant, PAGE)
    assert "This is the next contract" in shown
    assert "In force" in shown
    signed = {"name": "Iris", "sha256": sent.sha256}
    assert road.browser(road.applicant).post(PAGE, signed).status_code == 302
    assert waits_for(active) == Hand.COMPLIANCE

    assert "Countersign and seal" in text_of(road, road.compliance, page)
    answer = road.browser(road.compliance).post(page, {"sha256": sent.sha256})
    assert answer.status_code == 302
    sent.refresh_from_db()
    assert sent.valid_from == first.valid_to
    assert sent.valid_to == first.valid_to + timedelta(days=TERM_DAYS)
    assert sent.live_since == first.live_since
    assert [paper.kind for paper in sent.papers.all()] == [*PaperKind]
    assert (waits_for(active), active.step, active.due_at) == ("", Step.ACTIVE, None)
    assert active.moves.count() == moves
    assert "Renewed: signed by both sides" in text_of(road, road.applicant, PAGE)
    assert_told(road, active)


def assert_told(road: Road, active: Application) -> None:
    """Letters went to the owner, and trail, timeline and seals tell the story."""
    assert deliver() == [
        "Harbor Trading: the renewal of your contract is ready",
        "Harbor Trading: you signed the renewal of your contract",
        "Harbor Trading: your contract is renewed",
    ]
    assert all(letter.to == [road.applicant.email] for letter in mail.outbox)
    assert "You have grown." in mail.outbox[0].body
    assert PAGE in mail.outbox[0].body
    place = active.institution
    assert place is not None
    told = [entry.title for entry in timeline(About(place, active), kind="contract").entries]
    assert told[:6] == [
        "Contract countersigned",
        "Contract accepted",
        "Renewal confirmed",
        "Contract sent",
        "Renewal proposed",
        "Renewal due",
    ]
    assert verify().intact
    out = StringIO()
    call_command("verify_contracts", stdout=out)
    assert "2 contracts" in out.getvalue()


def test_a_renewal_follows_the_plan_and_the_template_in_force_when_it_is_proposed(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Contract.objects.get()
    near_its_end(monkeypatch)
    plan = plan_version(first.plan_version_id).plan_id
    levels = [
        Level(one.level, one.min_volume, one.min_traders, one.rate / 2, one.affiliated_rate / 2)
        for one in tiers(first.plan_version_id)
    ]
    newer = add_version(plan, levels, effective_from=business_now(), actor=cast.ACTOR)
    proposal = propose(road, active)
    assert (proposal.terms["plan_version"], proposal.terms["level"]) == (newer.pk, first.level)


# --- who may, and in which order ------------------------------------------------------------------
def test_each_step_of_a_renewal_belongs_to_its_role_and_takes_another_person(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    for person in (road.applicant, road.compliance, road.technical, road.finance):
        with pytest.raises(NotYours):
            propose_renewal(active.pk, person=person)
    proposal = propose(road, active)
    with pytest.raises(AlreadyProposed, match="Morgan proposed"):
        propose(road, active)
    with pytest.raises(OwnProposal):
        confirm_renewal(proposal.pk, person=road.manager)
    for person in (road.applicant, road.compliance, road.technical):
        with pytest.raises(NotYours):
            confirm_renewal(proposal.pk, person=person)
    sent = confirm_renewal(proposal.pk, person=road.finance)
    with pytest.raises(AlreadyDecided, match="confirmed by Finn"):
        decline_renewal(proposal.pk, person=road.finance, note="Too late.")
    with pytest.raises(ContractSent):
        propose(road, active)
    answer = road.browser(road.compliance).post(console(active), {"sha256": sent.sha256})
    assert answer.status_code == 409, "nobody signed it yet"
    sign_it(road, active)
    answer = road.browser(road.manager).post(console(active), {"sha256": sent.sha256})
    assert answer.status_code == 403
    with pytest.raises(NotYours):
        refuse_signed(active.pk, person=road.manager, note="Not mine to say.")


def test_a_signature_under_a_renewal_takes_a_second_factor_too(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    send(road, active)
    monkeypatch.setattr("tests.institutions.renewing.PROOF", Proof())
    with pytest.raises(SignatureUnproven):
        sign_it(road, active)
    assert outlook(active.institution_id or 0, business_now()).stage == Stage.SENT


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_about_a_renewal_at_once_one_is_first(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    proposal, other = propose(road, active), cast.staff("Fiona", "finance")

    def confirm() -> None:
        confirm_renewal(proposal.pk, person=road.finance)

    def decline() -> None:
        decline_renewal(proposal.pk, person=other, note="Not so much.")

    assert sorted(at_once(confirm, decline)) == ["done", "proposal.decided"]
    connection.close()


def test_what_finance_declines_is_proposed_anew_and_a_reason_is_kept(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    proposal = propose(road, active)
    sent = {"choice": f"decline:{proposal.pk}", "note": ""}
    page = f"/console/applications/{active.pk}/renewal/"
    with pytest.raises(NoteMissing):
        decline_renewal(proposal.pk, person=road.finance, note=" ")
    assert road.browser(road.finance).post(page, sent).status_code == 422
    answer = road.browser(road.finance).post(page, sent | {"note": "Level 1, please."})
    assert answer.status_code == 302
    assert Renewal.objects.get().answer == "Level 1, please."
    assert waits_for(active) == Hand.ACCOUNT_MANAGER
    assert propose(road, active).state == "open"
    gone = {"choice": "confirm:999999"}
    assert road.browser(road.finance).post(page, gone).status_code == 404
    assert road.browser(road.finance).post(page, {"choice": "burn"}).status_code == 422


def test_a_renewal_that_is_not_countersigned_leaves_the_old_contract_and_another_follows(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    send(road, active)
    sign_it(road, active)
    page = f"/console/applications/{active.pk}/renewal/"
    refused = {"choice": "refuse", "note": "The register says otherwise."}
    assert road.browser(road.manager).post(page, refused).status_code == 403
    assert road.browser(road.compliance).post(page, refused).status_code == 302
    assert road.browser(road.compliance).post(page, refused).status_code == 409
    assert deliver()[-1] == "Harbor Trading: the renewal of your contract is not countersigned"
    assert "The register says otherwise." in mail.outbox[-1].body
    assert waits_for(active) == Hand.ACCOUNT_MANAGER
    shown = text_of(road, road.applicant, PAGE)
    assert "Declined earlier" in shown
    assert "in force until" in shown
    assert renew(road, active).state == "in force"


# --- the end of a term ----------------------------------------------------------------------------
def test_a_renewed_contract_does_not_lapse_and_an_overdue_letter_is_not_sent(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    assert reminding.remind() == 1
    renew(road, active)
    assert "Harbor Trading: your contract ends on" not in " ".join(deliver())
    go_on(monkeypatch, TERM_DAYS + 1)
    assert (run_timers(), reminding.remind(), announce_due()) == (0, 0, 0)
    go_on(monkeypatch, 2 * TERM_DAYS - 10)
    assert (reminding.remind(), announce_due()) == (1, 1)
    go_on(monkeypatch, 2 * TERM_DAYS + 1)
    assert run_timers() == 1


def test_a_renewal_that_was_only_sent_keeps_no_contract_from_lapsing(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    send(road, active)
    go_on(monkeypatch, TERM_DAYS + 1)
    assert run_timers() == 1
    assert waits_for(active) == Hand.APPLICANT


def test_who_lapsed_is_reinstated_only_under_another_contract_which_begins_at_once(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on(monkeypatch, TERM_DAYS + 3)
    assert run_timers() == 1
    active.refresh_from_db()
    assert (active.step, active.waits_for) == (Step.SUSPENDED, Hand.ACCOUNT_MANAGER)
    assert "Your contract ended on" in text_of(road, road.applicant, PAGE)
    with pytest.raises(ContractOver, match="Renew it first"):
        road.go(active, Event.REINSTATE)
    assert ConnectCode.objects.get().state == CodeState.SUSPENDED

    second = renew(road, active)
    assert second.valid_from is not None
    assert timedelta() < second.valid_from - business_now() <= timedelta(minutes=1)
    assert waits_for(active) == Hand.COMPLIANCE
    road.go(active, Event.REINSTATE)
    assert (active.step, active.waits_for) == (Step.ACTIVE, "")
    assert ConnectCode.objects.get().state == CodeState.ACTIVE
    assert run_timers() == 0


def test_no_two_terms_of_an_institution_overlap_and_one_contract_is_in_hand(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    first = Contract.objects.get()
    copied = {"institution": active.institution, "plan_version_id": first.plan_version_id}
    copied |= {"level": 1, "text": "x", "sha256": "x", "sent_at": first.sent_at}
    signed = {"accepted_at": first.sent_at, "countersigned_at": first.sent_at}
    assert first.valid_to is not None
    begins = first.valid_to - timedelta(microseconds=1)
    term = {"valid_from": begins, "valid_to": begins + timedelta(days=1)}
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        Contract.objects.create(**copied, **signed, **term)
    Contract.objects.create(**copied)
    with pytest.raises(IntegrityError, match="one_in_hand"), transaction.atomic():
        Contract.objects.create(**copied)
    with pytest.raises(IntegrityError, match="for_a_term"), transaction.atomic():
        Contract.objects.create(**copied, **signed)


def test_each_term_lasts_until_the_next_begins(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = active.institution_id or 0
    first = Contract.objects.get()
    (alone,) = terms()[place]
    assert (alone.begins, alone.ends) == (first.live_since, None)
    near_its_end(monkeypatch)
    second = renew(road, active, terms={"plan_version": example_plan_version(), "level": 3})
    before, after = terms([place])[place]
    assert (before.begins, before.ends, before.level) == (first.live_since, first.valid_to, 1)
    assert (after.begins, after.ends, after.level) == (second.valid_from, None, 3)


# --- whatever is tried ----------------------------------------------------------------------------
def test_a_move_of_the_application_leaves_a_renewal_under_way(
    road: Road, active: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_its_end(monkeypatch)
    proposal = propose(road, active)
    road.go(active, Event.SUSPEND)
    assert (active.step, active.waits_for) == (Step.SUSPENDED, Hand.FINANCE)
    confirm_renewal(proposal.pk, person=road.finance)
    sign_it(road, active)
    countersign_it(road, active)
    assert waits_for(active) == Hand.COMPLIANCE
    road.go(active, Event.OFFBOARD)
    with pytest.raises(Refusal):
        propose(road, active)
