"""The people of an application and the steps they take, by the same actions as the pages."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client

from connect_portal.institutions.actions import (
    answer_request,
    ask_change,
    clear_finding,
    confirm,
    countersign,
    move,
    propose,
    sign,
    submit_tech,
    tick,
    write_note,
)
from connect_portal.institutions.actions.screening import screen
from connect_portal.institutions.checklists import CONFIRMED_WITH, HELD_BY_FINDINGS, PROPOSED_WITH
from connect_portal.institutions.enums import ROAD, RejectReason, Step
from connect_portal.institutions.models import Application, Contract
from connect_portal.institutions.moves import Event, Hand
from connect_portal.institutions.reviewing import unchecked
from connect_portal.institutions.signing import Proof, signatory_for
from connect_portal.kit.clock import now
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.handing_in import FIELDS, submit

PROOF = Proof("203.0.113.9", "Chromium", "totp")


@dataclass
class Road:
    """The applicant, and the four of the exchange who bring an application along."""

    applicant: Person
    manager: Person
    compliance: Person
    technical: Person
    finance: Person
    browsers: dict[int, Client] = field(default_factory=dict)

    def browser(self, person: Person) -> Client:
        """The browser of somebody, who signs in once."""
        if person.pk not in self.browsers:
            self.browsers[person.pk] = cast.sign_in(Client(), person)
        return self.browsers[person.pk]

    @classmethod
    def make(cls) -> "Road":
        """Register all five."""
        return cls(
            cast.applicant("Iris"),
            cast.staff("Morgan"),
            cast.staff("Cora", StaffRole.COMPLIANCE),
            cast.staff("Theo", StaffRole.TECHNICAL),
            cast.staff("Finn", StaffRole.FINANCE),
        )

    def who(self, hand: Hand) -> Person | None:
        """The person with that hand; nobody for the site itself."""
        return {
            Hand.APPLICANT: self.applicant,
            Hand.ACCOUNT_MANAGER: self.manager,
            Hand.COMPLIANCE: self.compliance,
            Hand.TECHNICAL: self.technical,
            Hand.FINANCE: self.finance,
        }.get(hand)

    def submitted(self, **fields: Any) -> Application:
        """An application that was just submitted."""
        return submit(self.applicant, FIELDS | fields)

    def in_review(self, **fields: Any) -> Application:
        """An application that people look at."""
        application = self.submitted(**fields)
        screen(application.pk)
        application.refresh_from_db()
        return application

    def prepare(self, application: Application, event: Event) -> None:
        """Tick and clear what has to be before the move is proposed and confirmed."""
        for hand in {PROPOSED_WITH.get(event), CONFIRMED_WITH.get(event)} - {None}:
            self.check(application, hand)
        if event in HELD_BY_FINDINGS:
            self.clear(application)

    def check(self, application: Application, hand: Hand) -> None:
        """Let somebody go through what their checklist still asks."""
        person = self.who(hand)
        for line in unchecked(application, hand):
            tick(application.pk, line.item.key, person=person, actor=person.actor)

    def clear(self, application: Application) -> None:
        """Let compliance clear what was found."""
        person = self.compliance
        for finding in application.findings.filter(cleared_at=None):
            clear_finding(finding.pk, reason="Known.", person=person, actor=person.actor)

    def answer(self, application: Application, **changed: Any) -> None:
        """Let the applicant change what is said, reply to everything else and hand in again."""
        iris = self.applicant
        for request in application.requests.filter(answered_at=None, withdrawn_at=None):
            if request.field and request.field not in changed:
                reply = {"reply": "It is right as it is.", "person": iris, "actor": iris.actor}
                answer_request(request.pk, **reply)
        typed = {name: getattr(application, name) for name in FIELDS} | changed
        submit(iris, typed, application_id=application.pk)
        application.refresh_from_db()

    def by_two(self, application: Application, event: Event, first: Person, second: Person) -> None:
        """Both prepare, then one proposes and the other confirms."""
        self.prepare(application, event)
        words = {"note": "Looks good.", "reason": RejectReason.OTHER}
        proposal = propose(application.pk, event, person=first, actor=first.actor, **words)
        confirm(proposal.pk, person=second, actor=second.actor)
        application.refresh_from_db()

    def go(self, application: Application, event: Event, **more: Any) -> None:
        """Let an event happen, by the people whose move it is."""
        match event:
            case Event.APPROVE:
                self.by_two(application, event, self.manager, self.compliance)
            case Event.REJECT | Event.SUSPEND | Event.REINSTATE:
                self.by_two(application, event, self.compliance, self.manager)
            case Event.SEND_CONTRACT | Event.OFFBOARD:
                self.by_two(application, event, self.manager, self.finance)
            case Event.PROVISION | Event.APPROVE_LIVE:
                self.by_two(application, event, self.technical, self.manager)
            case Event.SIGN:
                self.sign(application)
            case Event.COUNTERSIGN:
                read = {"sha256": Contract.objects.latest("pk").sha256, "proof": PROOF}
                assert application.institution_id is not None
                countersign(application.institution_id, person=self.compliance, **read)
            case Event.SUBMIT_TECH:
                details = {name: FIELDS[name] for name in ("redirect_uris", "ips")}
                assert application.institution_id is not None
                submit_tech(application.institution_id, details, person=self.applicant)
            case _:
                self.alone(application, event, **more)
        application.refresh_from_db()

    def sign(self, application: Application) -> None:
        """The applicant signs the contract, as the application has their name."""
        assert application.institution_id is not None
        sent = Contract.objects.get(institution=application.institution_id, declined_at=None)
        signatory = signatory_for(self.applicant, application.pk)
        assert signatory is not None
        name = {"name": signatory.name, "sha256": sent.sha256}
        sign(application.institution_id, person=self.applicant, **name, proof=PROOF)

    def alone(self, application: Application, event: Event, **more: Any) -> None:
        """Let an event happen that one person, or the site itself, makes."""
        hand = {
            Event.SCREEN: Hand.SYSTEM,
            Event.EXPIRE: Hand.SYSTEM,
            Event.CERTIFY: Hand.SYSTEM,
            Event.FIRST_FILL: Hand.SYSTEM,
            Event.LAPSE: Hand.SYSTEM,
            Event.DECLINE_CONTRACT: Hand.COMPLIANCE,
            Event.RETURN_TECH: Hand.TECHNICAL,
            Event.RETURN_TEST: Hand.TECHNICAL,
            Event.CLOSE: Hand.FINANCE,
            Event.SUBMIT: Hand.APPLICANT,
            Event.RESUBMIT: Hand.APPLICANT,
            Event.SUBMIT_TECH: Hand.APPLICANT,
            Event.APPEAL: Hand.APPLICANT,
            Event.WITHDRAW: Hand.APPLICANT,
        }.get(event, Hand.ACCOUNT_MANAGER)
        person = self.who(hand)
        actor = person.actor if person else "system:test"
        given = {"note": "We spoke.", "evidence": {"fill": 1}} | more
        if event == Event.LAPSE:
            given["at"] = now() + timedelta(days=366)
        move(application.pk, event, person=person, actor=actor, **given)

    def end_contracts(self, moment: datetime) -> None:
        """Let every term end at ``moment``, as no action could: by hand, the triggers away."""
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            begun = [moment - timedelta(days=365), moment]
            cursor.execute("UPDATE institutions_contract SET valid_from = %s, valid_to = %s", begun)
            cursor.execute("SET session_replication_role = origin")

    def until(self, last: Step) -> Application:
        """An application that has come as far as ``last`` on the road."""
        return self.along(self.submitted(), last)

    def along(self, application: Application, last: Step) -> Application:
        """Bring a submitted application as far as ``last`` on the road."""
        for event in ALONG:
            if application.step == last:
                break
            self.go(application, event)
        assert application.step == last
        return application


def reviewed(road: Road) -> Application:
    """An application in the middle of its review: found, asked, changed, ticked and noted."""
    application = road.in_review(contact_email="iris@mailinator.com", website="http://harbor.test")
    morgan, cora = road.manager, road.compliance
    by_morgan, by_cora = ({"person": one, "actor": one.actor} for one in (morgan, cora))
    ask_change(application.pk, "website", note="It shows nothing. Is it right?", **by_morgan)
    ask_change(application.pk, "company", note="The register writes it otherwise.", **by_cora)
    move(application.pk, Event.REQUEST_INFO, note="Two things, please.", **by_morgan)
    road.answer(application, website="https://harbor.example/")
    ask_change(application.pk, "description", note="Which pairs do the bots trade?", **by_cora)
    road.check(application, Hand.ACCOUNT_MANAGER)
    tick(application.pk, "entity", **by_cora)
    finding = application.findings.filter(cleared_at=None).first()
    assert finding is not None
    clear_finding(finding.pk, reason="They have no other address yet.", **by_cora)
    write_note(application.pk, text="Iris called back within the hour.", **by_morgan)
    return application


ALONG = (
    Event.SCREEN,
    Event.APPROVE,
    Event.LOG_CONTACT,
    Event.SEND_CONTRACT,
    Event.SIGN,
    Event.COUNTERSIGN,
    Event.SUBMIT_TECH,
    Event.PROVISION,
    Event.CERTIFY,
    Event.APPROVE_LIVE,
    Event.FIRST_FILL,
    Event.COMPLETE,
)
assert len(ALONG) == len(ROAD) - 1
