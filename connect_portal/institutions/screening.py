"""The rules of the automatic screening: what is to be looked at before people decide. Pure Python.

Each rule reads plain values and yields what it saw, in words that also say what to do. Nothing is
refused here: a person clears a finding with a reason, asks for a change, or rejects.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

from connect_portal.facts import countries, disposable_mail
from connect_portal.institutions import addresses
from connect_portal.institutions.enums import BusinessKind, Check, Severity
from connect_portal.institutions.likeness import Names, is_like

WATCHED: Final = frozenset({Check.BLOCKED_COUNTRY, Check.BLOCKED_NAME})
"""What a new watch list can change."""
EXPIRES_SOON: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that a rule saw; ``field`` is the form's field that it is about."""

    rule: Check
    field: str
    seen: str
    severity: Severity = Severity.BLOCKING


@dataclass(frozen=True, slots=True)
class Somebody:
    """What a company says of itself, as far as the rules look at it; names by their field.

    ``mails`` are addresses by field, ``documents`` the last day of those that expire, by kind.
    """

    company: str
    names: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    registration_number: str = ""
    website: str = ""
    venue_account_uid: str = ""
    redirect_uris: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    mails: tuple[tuple[str, str], ...] = ()
    documents: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """The watch list in force: jurisdictions by ISO 3166-1 code, and names."""

    countries: frozenset[str] = frozenset()
    names: Names = field(default_factory=Names)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a company is compared with; ``loopback`` where this machine's addresses are fine."""

    others: tuple[Somebody, ...] = ()
    watch: Watch = field(default_factory=Watch)
    today: date = date.min
    loopback: bool = False


def sights(somebody: Somebody, around: Surroundings) -> list[Sight]:
    """Everything that the rules see, each thing once."""
    seen = [
        *watched(somebody, around.watch),
        *_unknown_kinds(somebody),
        *_unusable(somebody, around.loopback),
        *_mails(somebody),
        *_documents(somebody, around.today),
        *(sight for other in around.others for sight in _shared(somebody, other)),
    ]
    return list(dict.fromkeys(seen))


def watched(somebody: Somebody, watch: Watch) -> Iterator[Sight]:
    """What of a company and its people stands on the watch list."""
    for place, code in somebody.places:
        if code in watch.countries:
            name = countries().get(code, code)
            yield Sight(
                Check.BLOCKED_COUNTRY,
                place,
                f"{name} is on the watch list in force. No business with it without a licence.",
            )
    for about, name in somebody.names:
        if listed := watch.names.likest(name):
            words = f"“{name}” reads like “{listed}” of the watch list in force. Compare dates and"
            yield Sight(Check.BLOCKED_NAME, about, f"{words} papers: is it the same?")


def _unknown_kinds(somebody: Somebody) -> Iterator[Sight]:
    for kind in somebody.kinds:
        if kind not in BusinessKind.values:
            yield Sight(Check.UNKNOWN_KIND, "kind", f"“{kind}” is none of the six kinds. Ask.")


def _unusable(somebody: Somebody, loopback: bool) -> Iterator[Sight]:
    readers = {
        "redirect_uris": (somebody.redirect_uris, addresses.redirect_uri),
        "ips": (somebody.ips, addresses.server),
    }
    for about, (texts, read) in readers.items():
        for text in texts:
            try:
                read(text, loopback=loopback)
            except ValueError as error:
                yield Sight(Check.BAD_ADDRESS, about, f"{error} Ask for another.")


def _mails(somebody: Somebody) -> Iterator[Sight]:
    home = _host(somebody.website)
    for about, mail in somebody.mails:
        domain = mail.rpartition("@")[2].lower()
        if any(domain == one or domain.endswith(f".{one}") for one in disposable_mail()):
            seen = f"{domain} gives addresses for once. Ask for one of the company's own."
            yield Sight(Check.DISPOSABLE_MAIL, about, seen)
        elif home and not _is_within(domain, home) and not _is_within(home, domain):
            seen = f"The address is at {domain}, the website at {home}. Are both the company's?"
            yield Sight(Check.FOREIGN_MAIL, about, seen, Severity.NOTICE)


def _documents(somebody: Somebody, today: date) -> Iterator[Sight]:
    for kind, last in somebody.documents:
        about = f"document:{kind}"
        if last < today:
            yield Sight(Check.DOCUMENT_OVER, about, f"It expired on {last}. Ask for a new one.")
        elif last < today + EXPIRES_SOON:
            seen = f"It expires on {last}. Ask for a new one in time."
            yield Sight(Check.DOCUMENT_ENDS, about, seen, Severity.NOTICE)


def _shared(ours: Somebody, other: Somebody) -> Iterator[Sight]:
    """What two companies have in common, each thing that should be one company's alone."""
    who, ask = other.company, "Is it the same company?"
    if (number := _bare(ours.registration_number)) and number == _bare(other.registration_number):
        seen = f"{who} has the number {other.registration_number} too. {ask}"
        yield Sight(Check.SAME_NUMBER, "registration_number", seen)
    if ours.venue_account_uid and ours.venue_account_uid == other.venue_account_uid:
        yield Sight(Check.SAME_ACCOUNT, "venue_account_uid", f"{who} named this account. {ask}")
    if is_like(ours.company, other.company):
        yield Sight(Check.SIMILAR_NAME, "company", f"It reads like “{who}”. {ask}")
    if (host := _host(ours.website)) and host == _host(other.website):
        yield Sight(Check.SAME_WEBSITE, "website", f"{who} has the website {host} too. {ask}")
    for ip in _common(ours.ips, other.ips):
        seen = f"{who} calls from {ip} too. Do they share an operator?"
        yield Sight(Check.SAME_SERVER, "ips", seen, Severity.NOTICE)
    for host in _common(_hosts(ours.redirect_uris), _hosts(other.redirect_uris)):
        seen = f"{who} is answered at {host} too. Do they share an operator?"
        yield Sight(Check.SAME_REDIRECT, "redirect_uris", seen, Severity.NOTICE)


def _common(ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    return sorted(set(ours) & set(theirs))


def _hosts(uris: Iterable[str]) -> list[str]:
    return [host for host in map(_host, uris) if host not in addresses.LOOPBACK_HOSTS]


def _host(address: str) -> str:
    """The host of an address without ``www.``; empty where there is none."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host.lower().removeprefix("www.")


def _is_within(domain: str, other: str) -> bool:
    return domain == other or domain.endswith(f".{other}")


def _bare(number: str) -> str:
    return "".join(letter for letter in number.casefold() if letter.isalnum())
