"""What the automatic screening sees, and what becomes of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.institutions.actions import clear_finding, move
from connect_portal.institutions.enums import BusinessKind, Severity, Step
from connect_portal.institutions.errors import (
    NotYourPart,
    WordsMissing,
)
from connect_portal.institutions.likeness import Names, is_like
from connect_portal.institutions.models import Application, Finding
from connect_portal.institutions.moves import Event
from connect_portal.institutions.review_errors import (
    FindingOver,
)
from connect_portal.institutions.screening import Sight, Somebody, Surroundings, Watch, sights
from tests import cast
from tests.institutions.handing_in import FIELDS, submit
from tests.institutions.road import Road

TODAY = date(2026, 11, 26)


def seen(*others: Somebody, watch: Watch | None = None, **about: Any) -> list[Sight]:
    """What the rules see in a company of its own, changed in some answers."""
    plain: dict[str, Any] = {
        "company": "Harbor Trading",
        "names": (("company", "Harbor Trading"),),
        "kinds": ("bot_platform",),
        "places": (("country", "US"),),
        "registration_number": "HRB 1234",
        "website": "https://www.harbor.example/",
        "venue_account_uid": "4470",
        "redirect_uris": ("https://harbor.example/callback",),
        "ips": ("8.8.8.8/32",),
        "mails": (("contact_email", "iris@harbor.example"),),
    }
    around = Surroundings(others, watch or Watch(), TODAY)
    return sights(Somebody(**plain | about), around)


def rules(found: list[Sight]) -> list[tuple[str, str]]:
    return [(sight.rule.value, sight.severity.value) for sight in found]


# --- names --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Acme Inc.", "ACME, LLC"),
        ("Acme", "Аcmе"),  # two of the letters are Cyrillic
        ("Acme", "ＡＣＭＥ"),
        ("Payil", "Pay1l"),
        ("Harbor Trading", "Trading Harbor Ltd"),
        ("Harbor Trading", "Harbour Trading"),
        ("Über Bots", "uber bots"),
        ("Volkov, Ivan", "Ivan Volkow"),
    ],
)
def test_names_that_read_alike_are_found(name: str, other: str) -> None:
    assert is_like(name, other)
    assert is_like(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [("Acme", "Acne"), ("Harbor 7", "Harbor 8"), ("Quarry", "Harbor"), ("", ""), ("...", "!!!")],
)
def test_names_that_read_differently_are_not(name: str, other: str) -> None:
    assert not is_like(name, other)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_compared_either_way_round(name: str, other: str) -> None:
    assert is_like(name, other) == is_like(other, name)


# --- rules --------------------------------------------------------------------------------------
def test_a_company_of_its_own_has_no_findings() -> None:
    quarry = Somebody("Quarry", registration_number="HRB 99", website="https://quarry.example")
    assert seen(quarry) == []


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"registration_number": "hrb-1234"}, ("same_number", "blocking")),
        ({"venue_account_uid": "4470"}, ("same_account", "blocking")),
        ({"website": "http://harbor.example/shop"}, ("same_website", "blocking")),
        ({"ips": ("8.8.8.8/32",)}, ("same_server", "notice")),
        ({"redirect_uris": ("https://harbor.example/x",)}, ("same_redirect", "notice")),
        ({"company": "Trading Harbor, Inc."}, ("similar_name", "blocking")),
    ],
)
def test_what_two_companies_share_is_found(other: dict[str, Any], rule: tuple[str, str]) -> None:
    found = seen(Somebody(**{"company": "Quarry"} | other))
    assert rules(found) == [rule]
    assert other.get("company", "Quarry") in found[0].seen


def test_two_demo_applicants_on_this_machine_share_no_redirect_host() -> None:
    here = ("http://127.0.0.1:9/callback",)
    found = sights(
        Somebody("Harbor", redirect_uris=here),
        Surroundings((Somebody("Quarry", redirect_uris=here),), loopback=True),
    )
    assert found == []


def test_blocked_jurisdictions_and_names_are_found_in_the_company_and_its_people() -> None:
    found = seen(
        watch=Watch(frozenset({"KP"}), Names(["VOLKOV, Ivan Petrovich"])),
        places=(("country", "US"), ("people", "KP")),
        names=(("company", "Harbor"), ("people", "Ivan Petrovich Volkov")),
    )
    assert [(sight.rule.value, sight.field) for sight in found] == [
        ("blocked_country", "people"),
        ("blocked_name", "people"),
    ]


@pytest.mark.parametrize("ip", ["10.0.0.1", "127.0.0.1", "169.254.1.1", "nonsense", "::1"])
def test_private_and_malformed_servers_are_found(ip: str) -> None:
    assert rules(seen(ips=(ip,))) == [("bad_address", "blocking")]


@pytest.mark.parametrize("uri", ["http://harbor.example/", "https://a b/", "https://x#y", "ftp:"])
def test_malformed_redirect_uris_are_found(uri: str) -> None:
    assert rules(seen(redirect_uris=(uri,))) == [("bad_address", "blocking")]


@pytest.mark.parametrize("mail", ["a@mailinator.com", "a@MAILINATOR.com", "a@x.yopmail.com"])
def test_mail_for_once_is_found(mail: str) -> None:
    found = seen(mails=(("contact_email", mail),))
    assert rules(found) == [("disposable_mail", "blocking")]


def test_mail_at_another_domain_than_the_website_is_noticed() -> None:
    assert rules(seen(mails=(("contact_email", "i@gmail.com"),))) == [("foreign_mail", "notice")]
    assert seen(mails=(("contact_email", "i@mail.harbor.example"),)) == []


def test_a_kind_of_business_is_one_of_the_six() -> None:
    assert len(BusinessKind.values) == 6
    assert rules(seen(kinds=("casino",))) == [("unknown_kind", "blocking")]


def test_documents_that_are_over_or_end_soon_are_found() -> None:
    days = {"certificate": -1, "signatory_id": 30, "other": 90}
    found = seen(documents=tuple((k, TODAY + timedelta(days=n)) for k, n in days.items()))
    assert [(sight.field, sight.severity.value) for sight in found] == [
        ("document:certificate", "blocking"),
        ("document:signatory_id", "notice"),
    ]


# --- what becomes of them -----------------------------------------------------------------------
@pytest.fixture
def twin(road: Road) -> Application:
    """A second application, with the venue account of the first."""
    road.in_review()
    otto = cast.applicant("Otto")
    about = {
        "company": "Quarry",
        "website": "https://quarry.example",
        "registration_number": "990",
        "redirect_uris": [],
    }
    application = submit(otto, FIELDS | about | {"channels": ["api"]})
    road.go(application, Event.SCREEN)
    return application


def again(road: Road, application: Application, **change: Any) -> None:
    """The application comes back into the review with a change."""
    who, its = road.manager, application.applicant
    move(application.pk, Event.REQUEST_INFO, person=who, actor=who.actor, note="Please look.")
    typed = {name: getattr(application, name) for name in FIELDS}
    submit(its, typed | change, application_id=application.pk)


@pytest.mark.django_db
def test_an_application_arrives_in_the_review_with_its_findings(twin: Application) -> None:
    found = twin.findings.values_list("rule", "field", "severity", "cleared_at")
    assert list(found) == [
        ("same_account", "venue_account_uid", "blocking", None),
        ("foreign_mail", "contact_email", "notice", None),
    ]
    assert "Harbor Trading named this account" in twin.findings.get(rule="same_account").seen


@pytest.mark.django_db
def test_screening_again_finds_nothing_twice_and_reopens_nothing(
    road: Road, twin: Application
) -> None:
    finding = twin.findings.get(rule="same_account")
    who = road.compliance
    clear_finding(finding.pk, reason="One group.", person=who, actor=who.actor)
    again(road, twin, description="Better.")
    assert twin.findings.count() == 2
    finding.refresh_from_db()
    assert (finding.cleared_by, finding.reason) == (who, "One group.")


@pytest.mark.django_db
def test_what_is_handed_in_for_technical_access_is_screened_too(road: Road) -> None:
    road.in_review(company="Quarry", ips=["8.8.8.8/32"])
    application = road.until(Step.TECH_SETUP)
    application.ips = ["8.8.8.8/32"]
    application.save()
    road.alone(application, Event.SUBMIT_TECH)
    assert "Quarry calls from 8.8.8.8/32 too" in application.findings.get(rule="same_server").seen


@pytest.mark.django_db
def test_what_is_no_longer_seen_is_cleared_without_a_person_and_stays(
    road: Road, twin: Application
) -> None:
    again(road, twin, venue_account_uid="44709999")
    finding = twin.findings.get(rule="same_account")
    assert finding.cleared_at is not None
    assert finding.cleared_by is None
    again(road, twin, venue_account_uid=FIELDS["venue_account_uid"])
    same = twin.findings.filter(rule="same_account")
    assert [one.cleared_at is None for one in same] == [False, True]


@pytest.mark.django_db
def test_compliance_alone_clears_what_blocks_and_only_once_and_with_words(
    road: Road, twin: Application
) -> None:
    finding = Finding.objects.get(severity=Severity.BLOCKING)
    notice = Finding.objects.get(severity=Severity.NOTICE)

    def clear(one: Finding, who: Any, reason: str = "One group.") -> Finding:
        return clear_finding(one.pk, reason=reason, person=who, actor=who.actor)

    for stranger in (road.manager, road.technical, road.finance, twin.applicant):
        with pytest.raises(NotYourPart):
            clear(finding, stranger)
    with pytest.raises(WordsMissing):
        clear(finding, road.compliance, " ")
    clear(notice, road.manager)
    clear(finding, road.compliance)
    with pytest.raises(FindingOver, match="cleared by Cora"):
        clear(finding, cast.staff("Dana", "compliance"))
