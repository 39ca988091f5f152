"""The people of an application and the steps they take, by the same actions as the pages."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from connect_portal.institutions.actions import confirm, move, propose, sign, submit
from connect_portal.institutions.contracts import offer
from connect_portal.institutions.enums import Channel, Step
from connect_portal.institutions.models import Application
from connect_portal.people.enums import StaffRole
from connect_portal.people.models import Person
from tests import cast

FIELDS: dict[str, Any] = {
    "company": "Harbor Trading",
    "kind": "bot_platform",
    "channels": [Channel.API, Channel.OAUTH],
    "country": "US",
    "website": "https://harbor.example/",
    "description": "Bots that buy low and sell high.",
    "contact_name": "Iris",
    "contact_email": "iris@harbor.example",
    "venue_account_uid": "44705892343619584",
    "redirect_uris": ["https://harbor.example/callback"],
    "ips": [],
}


@dataclass
class Road:
    """The applicant, and the three of the exchange who bring an application along."""

    applicant: Person
    manager: Person
    compliance: Person
    technical: Person
    browsers: dict[int, Client] = field(default_factory=dict)

    def browser(self, person: Person) -> Client:
        """The browser of somebody, who signs in once."""
        if person.pk not in self.browsers:
            self.browsers[person.pk] = cast.sign_in(Client(), person)
        return self.browsers[person.pk]

    @classmethod
    def make(cls) -> "Road":
        """Register all four."""
        return cls(
            cast.person("Iris"),
            cast.staff("Morgan"),
            cast.staff("Cora", StaffRole.COMPLIANCE),
            cast.staff("Theo", StaffRole.TECHNICAL),
        )

    def applied(self, **fields: Any) -> Application:
        """An application that was just submitted."""
        return submit(self.applicant, FIELDS | fields)

    def by_two(self, application: Application, to: Step, first: Person, second: Person) -> None:
        """One proposes, the other confirms."""
        proposal = propose(application.pk, to, person=first, actor=first.actor, note="Looks good.")
        confirm(proposal.pk, person=second, actor=second.actor)

    def step(self, application: Application, to: Step) -> None:
        """Take the step ``to`` as the people do whose step it is."""
        match to:
            case Step.QUALIFIED:
                self.by_two(application, to, self.manager, self.compliance)
            case Step.CONTACTED:
                who = self.manager
                move(application.pk, to, person=who, actor=who.actor, note="We spoke.")
            case Step.CONTRACT_ACCEPTED:
                application.refresh_from_db()
                place = application.institution
                assert place is not None
                sha256 = offer(place).sha256
                sign(place.pk, person=self.applicant, name="Iris Harbor", sha256=sha256)
            case Step.TECHNICAL_ACCESS | Step.LIVE:
                self.by_two(application, to, self.technical, self.manager)
            case Step.TEST_TRADING | Step.COMPLETE:
                who = self.manager
                move(application.pk, to, person=who, actor=who.actor, evidence={"fill": 1})

    def until(self, last: Step) -> Application:
        """An application that has come as far as ``last``."""
        application = self.applied()
        for step in (
            Step.QUALIFIED,
            Step.CONTACTED,
            Step.CONTRACT_ACCEPTED,
            Step.TECHNICAL_ACCESS,
            Step.TEST_TRADING,
            Step.LIVE,
            Step.COMPLETE,
        ):
            if application.step == last:
                break
            self.step(application, step)
            application.refresh_from_db()
        return application
