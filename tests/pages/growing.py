"""How the lists of a page get longer: for each page that shows one, as many rows more as wanted."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model

from connect_portal.audit.actions import record
from connect_portal.authorizations.models import (
    Binding,
    Ending,
    RedirectProposal,
    RedirectURI,
    VenueAccount,
)
from connect_portal.certification.models import Evidence, Run
from connect_portal.gateway.models import Decision
from connect_portal.institutions.models import (
    Application,
    Assignment,
    Edition,
    Institution,
    Letter,
    Move,
    Note,
    WatchEntry,
    WatchList,
)
from connect_portal.kit.clock import now
from connect_portal.people.models import Invitation, Membership, Person
from connect_portal.settlement.models import Accrual, StatedAccrual, Statement, StatementLine
from connect_portal.trades.actions.ingest import record_fills
from connect_portal.trades.models import Attribution, Cursor
from tests import cast
from tests.trades.making import bound_account, fill

Grow = Callable[[int], Any]
NUMBERS: Final = count(100)


def more(model: type[Model], rows: int, **changed: Any) -> list[Any]:
    """Copies of the model's newest row, some columns ``changed``, anew for each if callable."""
    made = []
    for _ in range(rows):
        row = model._default_manager.order_by("pk").last()
        assert row is not None, f"there is no {model.__name__} to copy"
        row.pk = None
        for name, value in changed.items():
            setattr(row, name, value() if callable(value) else value)
        made.append(row)
    return model._default_manager.bulk_create(made)


def text(word: str) -> Callable[[], str]:
    """Another text for each copy."""
    return lambda: f"{word}-{next(NUMBERS)}"


def decided() -> dict[str, Any]:
    """By whom something was decided that somebody else proposed, and when."""
    return {"decided_by": cast.person(f"decider{next(NUMBERS)}"), "decided_at": now()}


def applications(rows: int) -> None:
    """More companies apply."""
    more(Application, rows, company=text("Company"), institution=None, step="in_review")


def institutions(rows: int) -> None:
    """More companies join."""
    more(Institution, rows, name=text("Company"), slug=text("company"))


def history(rows: int) -> None:
    """More happens to an application."""
    for move in more(Move, rows):
        Letter.objects.create(move=move)
    more(Assignment, rows)
    application, person = Application.objects.get(), Person.objects.last()
    for number in range(rows):
        Note.objects.create(
            application=application, text=f"Note {number}", by=person, at=application.begun_at
        )


def story(rows: int) -> None:
    """More is recorded about an institution, each by somebody else."""
    place = Institution.objects.get()
    people = more(Person, rows, email=text("somebody"), staff_role="")
    with transaction.atomic():
        for one in people:
            subject = f"institution:{place.pk}"
            record("institutions:note:written", actor=one.actor, subject=subject)
    for one in people:
        Membership.objects.create(person=one, institution=place, role="viewer", given_by="x")


def team(rows: int) -> None:
    """More people work for an institution, or are invited to."""
    place = Institution.objects.get()
    for one in more(Person, rows, email=text("colleague")):
        Membership.objects.create(person=one, institution=place, role="viewer", given_by="x")
    more(Invitation, rows, email=text("eve"))


def fills(rows: int) -> None:
    """More is traded by Alice for Acme."""
    alice = Person.objects.filter(email="alice@example.com").first() or cast.person("Alice")
    account = VenueAccount.objects.filter(owner=alice).first()
    if account is None:
        account = bound_account(alice, Institution.objects.first())  # type: ignore[arg-type]
    record_fills(account.pk, [fill(next(NUMBERS)) for _ in range(rows)])


def proofs(rows: int) -> None:
    """More is traded with the code of the only institution."""
    place = Institution.objects.get()
    account = VenueAccount.objects.filter(uid="7002").first()
    if account is None:
        account = bound_account(cast.person("Bob"), place, uid="7002")
    code = place.codes.get().code
    record_fills(account.pk, [fill(next(NUMBERS), tag=code) for _ in range(rows)])


def stated_fills(rows: int) -> None:
    """Each line of the newest statement rests on more fills."""
    for line in Statement.objects.latest("pk").lines.all():
        fills(rows)
        newest = Attribution.objects.order_by("-pk")[:rows]
        each, of_each = iter(newest), iter(newest)
        kept = {"attribution": lambda: next(each), "fill": lambda: next(of_each).fill}  # noqa: B023
        for accrual in more(Accrual, rows, **kept):
            StatedAccrual.objects.create(accrual=accrual, line=line)


def signed_in(rows: int) -> None:
    """A colleague has more browsers."""
    morgan = Person.objects.get(name="Morgan")
    for made in more(Session, rows, session_key=lambda: f"key{next(NUMBERS)}"):
        UserSession.objects.create(user=morgan, ip="203.0.113.7", session_key=made.session_key)


def accounts(rows: int) -> None:
    """More accounts are read."""
    for account in more(VenueAccount, rows, uid=text("uid")):
        Cursor.objects.create(venue_account=account)


def connections(rows: int) -> None:
    """Alice is connected to more institutions."""
    places = iter(more(Institution, rows, name=text("Company"), slug=text("company")))
    more(Binding, rows, institution=lambda: next(places), key_fingerprint=text("print"))


def redirects(rows: int) -> None:
    """An institution has more redirect URIs, and asks for more."""
    more(RedirectProposal, rows, uri=text("https://acme.example/asked"))
    client_id = RedirectProposal.objects.last().client_id  # type: ignore[union-attr]
    for _ in range(rows):
        uri = f"https://acme.example/{next(NUMBERS)}"
        RedirectURI.objects.create(
            client_id=client_id, uri=uri, proposed_by="person:1", approved_by="person:2"
        )


def statements(rows: int) -> None:
    """More days are closed."""
    kept = Statement.objects.order_by("number").last()
    assert kept is not None
    lines = list(kept.lines.all())
    for ahead in range(1, rows + 1):
        change = {"number": kept.number + ahead, "day": kept.day + timedelta(days=ahead)}
        (made,) = more(Statement, 1, hash=text("hash"), **change)
        for line in lines:
            line.pk, line.statement = None, made
            line.save(force_insert=True)


def lines(rows: int) -> None:
    """A statement has more lines."""
    newest = StatementLine.objects.order_by("pk").last()
    assert newest is not None
    more(StatementLine, rows, number=lambda: next(NUMBERS), instrument=text("PAIR"))


def entries(rows: int) -> None:
    """A watch list names more."""
    more(WatchEntry, rows, value=text("Blocked Company"))


def editions(rows: int) -> None:
    """Words are changed again and again, and never approved."""
    newest = Edition.objects.order_by("number").last()
    assert newest is not None
    mine = Edition.objects.filter(kind=newest.kind, name=newest.name)
    for ahead in range(1, rows + 1):
        mine.filter(state="proposed").update(state="declined", **decided())
        more(Edition, 1, number=newest.number + ahead, state="proposed", decided_by=None,
             decided_at=None)  # fmt: skip


def seen(rows: int) -> None:
    """More of a client's requests are seen in a run."""
    more(Evidence, rows, source=lambda: next(NUMBERS))


def colleagues(rows: int) -> None:
    """More people work for the exchange."""
    more(Person, rows, email=text("colleague"), staff_role="finance", is_superuser=False)


def sessions(rows: int) -> None:
    """Everybody's sessions: ``rows`` more browsers of whoever signed in last."""
    person = Session.objects.order_by("pk").last().get_decoded()["_auth_user_id"]
    for made in more(Session, rows, session_key=lambda: f"key{next(NUMBERS)}"):
        UserSession.objects.create(user_id=person, ip="203.0.113.7", session_key=made.session_key)


LISTS: Final[dict[str, Grow]] = {
    "institutions_user:status": applications,
    "institutions_institution:team": team,
    "institutions_institution:onboarding": lambda rows: more(Move, rows),
    "institutions_institution:contract": lambda rows: more(Move, rows),
    "institutions_console:desk": applications,
    "institutions_console:assignment": history,
    "institutions_console:application": history,
    "institutions_console:watch_lists": lambda rows: more(
        WatchList, rows, state="declined", **decided()
    ),
    "institutions_console:watch_list": entries,
    "institutions_console:contract": history,
    "institutions_console:letter": history,
    "institutions_console:editions": editions,
    "institutions_console:edition": editions,
    "institutions_console:edition_history": editions,
    "people_console:staff": colleagues,
    "people_console:colleague": signed_in,
    "people_sessions_user:sessions": sessions,
    "certification_institution:page": lambda rows: more(
        Run, rows, state="abandoned", finished_at=now()
    ),
    "certification_institution:run": seen,
    "certification_console:run": seen,
    "account_email": lambda rows: more(EmailAddress, rows, email=text("mail"), primary=False),
    "mfa_list_webauthn": lambda rows: more(Authenticator, rows),
    "monitoring_institution:live": fills,
    "monitoring_institution:fills": fills,
    "monitoring_console:institutions": institutions,
    "monitoring_console:institution": story,
    "monitoring_console:sync": accounts,
    "monitoring_console:evidence": proofs,
    "settlement_institution:statements": statements,
    "settlement_console:statements": statements,
    "settlement_institution:statement": lines,
    "settlement_console:statement": lines,
    "settlement_institution:line": stated_fills,
    "settlement_console:line": stated_fills,
    "authorizations_user:connections": connections,
    "gateway_user:activity": lambda rows: more(Decision, rows),
    "gateway_institution:decisions": lambda rows: more(Decision, rows),
    "trades_user:fills": fills,
    "trades_user:binding_fills": fills,
    "authorizations_institution:access": redirects,
    "authorizations_console:connections": institutions,
    "authorizations_console:of_institution": lambda rows: more(
        Ending, rows, state="declined", **decided()
    ),
    "authorizations_console:redirects": redirects,
}
"""Every page with a list of things that grow, and how it does."""
