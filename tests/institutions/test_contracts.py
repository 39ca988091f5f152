"""The contract: what it says, who signs it and how that is proved, and what stays of it."""

import hashlib
import time
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client, override_settings

from connect_portal.institutions.actions import (
    accept_contract,
    confirm,
    countersign,
    go_live,
    move,
    sign,
)
from connect_portal.institutions.contracts import offer, on_terms
from connect_portal.institutions.enums import PaperKind, PersonRole, Side, Step
from connect_portal.institutions.errors import (
    ContractAccepted,
    NoContract,
    NotProven,
    SignatureMissing,
    SignatureUnproven,
    TermsChanged,
)
from connect_portal.institutions.models import (
    Application,
    CompanyPerson,
    Contract,
    Institution,
    Paper,
    Proposal,
    Signature,
)
from connect_portal.institutions.moves import Event
from connect_portal.institutions.queries import Contract as Terms
from connect_portal.institutions.queries import Term, code_of, contract, terms
from connect_portal.institutions.signing import Proof, is_name
from connect_portal.kit.clock import now
from connect_portal.people.enums import MembershipRole
from connect_portal.terms.queries import example_plan_version
from tests import cast
from tests.institutions.road import PROOF, Road
from tests.institutions.test_road import browser_of

pytestmark = pytest.mark.django_db

NOW = now()
PAGE = "/institution/harbor-trading/contract/"


def text_of(browser: Client, path: str = PAGE) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def signed(**more: str) -> dict[str, str]:
    """What the form sends under the contract as it stands."""
    return {"name": "Iris", "sha256": Contract.objects.latest("pk").sha256} | more


def name_signatory(application: Application, name: str, email: str) -> None:
    """The application says who alone signs for the company."""
    CompanyPerson.objects.filter(application=application).update(roles=[PersonRole.DIRECTOR])
    CompanyPerson.objects.create(
        application=application,
        name=name,
        email=email,
        roles=[PersonRole.SIGNATORY],
        country="US",
    )


def grow_stale(browser: Client) -> None:
    """Let everything that the browser's person has shown be six minutes old."""
    session = browser.session
    key = "account_authentication_methods"
    session[key] = [one | {"at": time.time() - 360} for one in session[key]]
    session.save()
    cache.clear()  # a one-time code that was used is remembered there


# --- the text -----------------------------------------------------------------------------------
def test_the_contract_names_the_company_its_code_and_every_level_of_the_plan(
    acme: Institution,
) -> None:
    text = offer(acme, NOW).text
    assert "Acme" in text
    assert code_of(acme.pk, cast.VENUE) == "ACMEcode1"
    assert "ACMEcode1" in text
    for share in ("25 %", "30 %", "35 %", "40 %", "12.5 %"):
        assert share in text
    assert "An example, not an offer" in text


def test_the_same_terms_make_the_same_text(acme: Institution, zenith: Institution) -> None:
    assert offer(acme, NOW) == offer(acme, NOW)
    assert offer(acme, NOW).sha256 == hashlib.sha256(offer(acme, NOW).text.encode()).hexdigest()
    assert offer(acme, NOW).sha256 != offer(zenith, NOW).sha256
    other = on_terms(acme, plan_version_id=example_plan_version(), level=2, at=NOW)
    assert other.sha256 != offer(acme, NOW).sha256


# --- terms --------------------------------------------------------------------------------------
def propose_terms(road: Road, application: Application, level: int) -> Proposal:
    """Morgan proposes the contract from that level, on the page of the contract."""
    page = f"/console/applications/{application.pk}/contract/"
    terms = {"plan_version": example_plan_version(), "level": level, "note": "Big already."}
    assert road.browser(road.manager).post(page, terms)["Location"] == page
    return Proposal.objects.get(event=Event.SEND_CONTRACT, state="open")


def test_finance_confirms_exactly_the_plan_and_level_that_were_proposed(road: Road) -> None:
    application = road.until(Step.CONTRACTING)
    place = application.institution
    assert place is not None
    morgan, page = road.browser(road.manager), f"/console/applications/{application.pk}/contract/"
    shown = text_of(morgan, page)
    assert "Propose to send it" in shown
    assert "beginning at level 1." in shown
    looked = {"plan_version": example_plan_version(), "level": 3, "do": "show"}
    assert "beginning at level 3." in morgan.post(page, looked).content.decode()
    assert not Proposal.objects.filter(event=Event.SEND_CONTRACT).exists()

    proposal = propose_terms(road, application, 3)
    offered = on_terms(place, plan_version_id=example_plan_version(), level=3, at=NOW)
    assert proposal.terms == offered.terms
    finn = road.browser(road.finance)
    assert "from level 3" in text_of(finn, f"/console/applications/{application.pk}/")
    read = text_of(finn, page)
    assert offered.sha256 in read
    assert "Propose to send it" not in read
    road.prepare(application, Event.SEND_CONTRACT)
    confirm(proposal.pk, person=road.finance, actor=road.finance.actor)
    sent = Contract.objects.get()
    assert (sent.level, sent.sha256) == (3, offered.sha256)


def test_a_level_that_the_plan_has_not_is_refused_beside_its_field(road: Road) -> None:
    application = road.until(Step.CONTRACTING)
    page = f"/console/applications/{application.pk}/contract/"
    terms = {"plan_version": example_plan_version(), "level": 77}
    answer = road.browser(road.manager).post(page, terms)
    assert answer.status_code == 409
    assert "has no level 77" in answer.content.decode()
    assert road.browser(road.finance).post(page, terms | {"level": 1}).status_code == 403


def test_a_text_that_changed_since_it_was_proposed_is_not_confirmed(road: Road) -> None:
    application = road.until(Step.CONTRACTING)
    proposal = propose_terms(road, application, 2)
    road.prepare(application, Event.SEND_CONTRACT)
    Institution.objects.update(name="Harbor Trading Ltd")
    with pytest.raises(TermsChanged, match="proposed anew"):
        confirm(proposal.pk, person=road.finance, actor=road.finance.actor)
    proposal.refresh_from_db()
    assert proposal.state == "open"
    assert "would read differently" in text_of(
        road.browser(road.finance), f"/console/applications/{application.pk}/contract/"
    )


# --- signing ------------------------------------------------------------------------------------
def test_what_was_read_is_what_is_signed_and_kept(road: Road) -> None:
    place = road.until(Step.CONTRACT_SENT).institution
    assert place is not None
    browser = road.browser(road.applicant)
    page, read = text_of(browser), offer(place, NOW)
    assert read.sha256 in page
    for line in ("2. The Connect code", "stops the moment the user ends it.", "12.5 %"):
        assert line in page
    assert browser.post(PAGE, signed(), HTTP_USER_AGENT="Firefox").status_code == 302

    kept = Contract.objects.get()
    assert (kept.text, kept.sha256, kept.accepted_by) == (read.text, read.sha256, "Iris")
    signature = kept.signatures.get()
    draft, after = kept.papers.all()
    assert (draft.kind, after.kind) == (PaperKind.DRAFT, PaperKind.SIGNED)
    assert signature.paper_sha256 == draft.sha256 == hashlib.sha256(draft.pdf).hexdigest()
    assert (signature.side, signature.person) == (Side.INSTITUTION, road.applicant)
    shown = (signature.ip, signature.user_agent, signature.factor, signature.account)
    assert shown == ("127.0.0.1", "Firefox", "totp", road.applicant.email)
    assert browser.post(PAGE, signed()).status_code == 409


@override_settings(TRUSTED_PROXIES=1)
def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(road: Road) -> None:
    road.until(Step.CONTRACT_SENT)
    forwarded = {"HTTP_X_FORWARDED_FOR": "192.0.2.66, 203.0.113.7"}
    assert road.browser(road.applicant).post(PAGE, signed(), **forwarded).status_code == 302
    assert Signature.objects.get().ip == "203.0.113.7"


def test_a_second_factor_that_was_shown_long_ago_is_asked_for_and_nothing_typed_is_lost(
    road: Road,
) -> None:
    road.until(Step.CONTRACT_SENT)
    browser = road.browser(road.applicant)
    grow_stale(browser)
    asked = browser.post(PAGE, signed())
    assert asked["Location"].startswith("/accounts/reauthenticate/?next=")
    assert Contract.objects.get().accepted_at is None
    asked = browser.post(asked["Location"], {"password": cast.PASSWORD})
    assert asked["Location"] == PAGE
    asked = browser.post(PAGE, signed())
    assert asked["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    browser.post(asked["Location"], {"code": cast.code_now()})
    assert 'value="Iris"' in text_of(browser)
    assert browser.post(PAGE, signed())["Location"] == PAGE
    assert Contract.objects.get().accepted_by == "Iris"


def test_without_a_second_factor_nobody_signs_and_the_page_leads_to_one(road: Road) -> None:
    application = road.until(Step.CONTRACT_SENT)
    place = application.institution
    assert place is not None
    owner = cast.member("Ivo", place)
    name_signatory(application, "Ivo", owner.email)
    browser = browser_of(owner)
    page = text_of(browser)
    assert "Set up an app" in page
    assert "Sign the contract" not in page
    assert browser.post(PAGE, signed(name="Ivo")).status_code == 409
    with pytest.raises(NotProven, match="a second factor"):
        sign(place.pk, person=owner, **signed(name="Ivo"), proof=PROOF)
    cast.set_totp(owner, cast.TOTP_SECRET, actor=cast.ACTOR)
    with pytest.raises(SignatureUnproven):
        sign(place.pk, person=owner, **signed(name="Ivo"), proof=Proof("203.0.113.9"))
    assert Contract.objects.get().accepted_at is None


def test_only_the_authorised_signatory_signs_and_with_their_own_name(road: Road) -> None:
    application = road.until(Step.CONTRACT_SENT)
    place = application.institution
    assert place is not None
    name_signatory(application, "José  de Larra", "JOSE@example.com")
    owner = road.browser(road.applicant)
    page = text_of(owner)
    assert "José de Larra" in " ".join(page.split())
    assert "but is no owner of Harbor Trading yet" in page
    assert "/institution/harbor-trading/team/" in page
    assert owner.post(PAGE, signed()).status_code == 409

    jose = cast.applicant("Jose")
    cast.give_membership(jose, place.pk, MembershipRole.OWNER, actor=cast.ACTOR)
    browser = browser_of(jose)
    refused = browser.post(PAGE, signed(name="Iris"))
    assert refused.status_code == 409
    assert "type the name as it stands" in refused.content.decode()
    assert browser.post(PAGE, signed(name="josé de LARRA")).status_code == 302
    assert Contract.objects.get().accepted_by == "josé de LARRA"


def test_a_name_is_the_same_in_any_case_and_form_of_its_letters() -> None:
    assert is_name(" iris   HARBOR", "Iris Harbor")
    assert is_name("Jose\u0301", "José")
    assert not is_name("Iris", "Iris Harbor")


def test_a_contract_that_changed_meanwhile_is_not_accepted(road: Road) -> None:
    road.until(Step.CONTRACT_SENT)
    browser = road.browser(road.applicant)
    answer = browser.post(PAGE, signed(sha256="0" * 64))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "not the one you read" in page
    assert 'value="Iris"' in page
    assert f'name="sha256" value="{signed()["sha256"]}"' in page


def test_a_name_is_needed_and_only_an_owner_signs_in_time(road: Road) -> None:
    application = road.until(Step.QUALIFIED)
    place = application.institution
    assert place is not None
    owner = road.browser(road.applicant)
    assert "No contract yet" in text_of(owner)
    early = {"name": "Iris", "sha256": offer(place, NOW).sha256}
    assert owner.post(PAGE, early).status_code == 409
    road.go(application, Event.LOG_CONTACT)
    road.go(application, Event.SEND_CONTRACT)
    assert owner.post(PAGE, early | {"name": " "}).status_code == 422
    viewer = browser_of(cast.member("Ben", place, MembershipRole.VIEWER))
    assert viewer.post(PAGE, signed()).status_code == 403
    assert "<strong>Iris</strong> (iris@example.com) signs here." in text_of(viewer)
    assert Contract.objects.get().accepted_at is None


# --- countersigning -----------------------------------------------------------------------------
def test_compliance_countersigns_with_a_fresh_second_factor_and_the_file_is_sealed(
    road: Road,
) -> None:
    application = road.until(Step.CONTRACT_SIGNED)
    page = f"/console/applications/{application.pk}/contract/"
    cora = road.browser(road.compliance)
    assert "Countersign and seal" in text_of(cora, page)
    assert "Countersign and seal" not in text_of(road.browser(road.manager), page)
    read = {"sha256": signed()["sha256"]}
    assert road.browser(road.manager).post(page, read).status_code == 403
    grow_stale(cora)
    assert cora.post(page, read)["Location"].startswith("/accounts/reauthenticate/")
    with pytest.raises(SignatureUnproven):
        countersign(application.institution_id, person=road.compliance, **read, proof=Proof())
    assert browser_of(road.compliance).post(page, read).status_code == 302

    kept = Contract.objects.get()
    assert [paper.kind for paper in kept.papers.all()] == ["draft", "signed", "sealed"]
    ours, theirs = kept.signatures.get(side=Side.EXCHANGE), kept.papers.get(kind="signed")
    assert (ours.person, ours.factor, ours.paper_sha256) == (
        road.compliance,
        "totp",
        theirs.sha256,
    )
    application.refresh_from_db()
    assert application.step == Step.TECH_SETUP


def test_a_signature_is_made_on_the_contracts_page_only(road: Road) -> None:
    application = road.until(Step.CONTRACT_SIGNED)
    cora = road.compliance
    with pytest.raises(SignatureMissing):
        move(application.pk, Event.COUNTERSIGN, person=cora, actor=cora.actor, note="x")
    page = f"/console/applications/{application.pk}/"
    assert "countersign" in text_of(road.browser(cora), page)
    answer = road.browser(cora).post(page, {"choice": "move:countersign", "note": ""})
    assert answer.status_code == 422


def test_a_declined_contract_stays_as_history_and_another_is_sent(road: Road) -> None:
    application = road.until(Step.CONTRACT_SIGNED)
    first = Contract.objects.get()
    road.go(application, Event.DECLINE_CONTRACT, note="The name is not yours.")
    assert contract(first.institution_id, now()) is None
    road.go(application, Event.SEND_CONTRACT)
    road.go(application, Event.SIGN)
    second = Contract.objects.exclude(pk=first.pk).get()
    first.refresh_from_db()
    assert (first.state, second.state) == ("declined", "signed")
    assert first.papers.count() == first.signatures.count() + 1 == 2
    assert "Declined earlier" in text_of(road.browser(road.applicant))


# --- what stays ---------------------------------------------------------------------------------
def test_the_database_keeps_contracts_papers_and_signatures_as_they_were(road: Road) -> None:
    road.until(Step.TECH_SETUP)
    attempts: list[Any] = [
        lambda: Paper.objects.update(sha256="0" * 64),
        lambda: Paper.objects.all().delete(),
        lambda: Signature.objects.update(name="Mallory"),
        lambda: Signature.objects.all()._raw_delete("default"),
        lambda: Contract.objects.update(text="Nothing is owed."),
        lambda: Contract.objects.update(level=4),
        lambda: Contract.objects.update(accepted_by="Mallory"),
        lambda: Contract.objects.update(valid_to=NOW + timedelta(days=999)),
        lambda: Contract.objects.all()._raw_delete("default"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            attempt()


def test_owners_and_finance_keep_the_files_and_nobody_else_sees_them(
    road: Road, mallory: Any
) -> None:
    place = road.until(Step.CONTRACT_SENT).institution
    assert place is not None
    kept = Paper.objects.get()
    file = f"{PAGE}{kept.pk}.pdf"
    for browser in (
        road.browser(road.applicant),
        browser_of(cast.member("Fay", place, MembershipRole.FINANCE)),
    ):
        answer = browser.get(file)
        assert answer.content == bytes(kept.pdf)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert file in text_of(browser)
    developer = browser_of(cast.member("Dev", place, MembershipRole.DEVELOPER))
    assert developer.get(file).status_code == 404
    assert file not in text_of(developer)
    assert browser_of(mallory).get(file).status_code == 403
    assert road.browser(road.finance).get(f"/console/contracts/{kept.pk}.pdf").status_code == 200
    assert road.browser(road.finance).get("/console/contracts/999999.pdf").status_code == 404


def test_a_file_of_another_institution_is_not_found_under_ones_own_address(
    road: Road, acme: Institution, ada: Any
) -> None:
    road.until(Step.CONTRACT_SENT)
    kept = Paper.objects.get()
    assert browser_of(ada).get(f"/institution/acme/contract/{kept.pk}.pdf").status_code == 404


def test_settlement_reads_plan_level_and_since_when(acme: Institution, zenith: Institution) -> None:
    plan = example_plan_version()
    assert terms() == {}
    assert contract(acme.pk, NOW) is None
    with pytest.raises(NoContract):
        go_live(acme.pk, actor=cast.ACTOR)
    accept_contract(acme.pk, plan_version_id=plan, level=1, accepted_by="Ada", actor=cast.ACTOR)
    with pytest.raises(ContractAccepted, match="by Ada"):
        accept_contract(acme.pk, plan_version_id=plan, level=4, accepted_by="Ben", actor=cast.ACTOR)
    kept = Contract.objects.get()
    assert contract(acme.pk, NOW) == Terms(acme.pk, plan, 1, kept.accepted_at, None)
    assert terms() == {}, "it is not live"
    since = go_live(acme.pk, actor=cast.ACTOR).live_since
    assert since == go_live(acme.pk, actor=cast.ACTOR).live_since
    assert terms() == {acme.pk: [Term(since, None, plan, 1)]}
