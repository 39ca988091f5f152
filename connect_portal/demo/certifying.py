"""Plays a company of the cast through a run of test trading, on every channel."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import requests
from django.conf import settings

from connect_portal.certification import actions, queries
from connect_portal.certification.enums import CheckState
from connect_portal.demo.actions import test_secret
from connect_portal.demo.client import (
    PATIENCE,
    PAUSE,
    Addresses,
    bearing_client,
    signing_client,
)
from connect_portal.demo.errors import SiteAway
from connect_portal.demo.queries import card, redirect_uri
from connect_portal.demo.visitor import TIMEOUT, Visitor
from connect_portal.institutions.enums import Channel
from connect_portal.venue.types import Credentials

if TYPE_CHECKING:
    from connect_portal.certification.models import Run

TEST_USER: Final = "trader"


def play(run: "Run", company: str, key: Credentials | None) -> None:
    """Play every channel of a run that has just begun, and watch it to its end. Raises NoClient,
    SiteAway."""
    if key is not None:
        at = Addresses(settings.VENUE_URL, settings.VENUE_WS_URL)
        until = _judged(run, Channel.API)
        signing_client(run.code, at, key, until, f"a{run.pk}").play()
    if Channel.OAUTH in run.channels:
        demo = card()
        at = Addresses(demo["gateway_url"], demo["gateway_ws_url"])
        token = _tokens(company)["access_token"]
        until = _judged(run, Channel.OAUTH)
        bearing_client(run.code, at, token, until, f"o{run.pk}").play()
    _watch_to_the_end(run)


def results(run: "Run") -> Iterator[str]:
    """A line for each check."""
    for part in queries.parts(run):
        yield f"{part.channel.label} channel: {part.passed} of {part.needed} passed"
        for line in part.lines:
            said = line.result.seen if line.result else ""
            yield f"  {line.state.label:8} {line.check.title:36} {said}".rstrip()
            if line.result and line.result.change:
                yield f"           {line.result.change}"


def _judged(run: "Run", channel: Channel) -> Callable[[str], None]:
    """Lets the run look until a check was judged, and once more for what comes next."""

    def until(key: str) -> None:
        for _ in range(PATIENCE):
            actions.look(run.pk)
            judged = run.results.filter(channel=channel, check_key=key)
            if judged.exclude(state=CheckState.WAITING).exists():
                time.sleep(PAUSE)
                actions.look(run.pk)
                return
            time.sleep(PAUSE / 2)

    return until


def _watch_to_the_end(run: "Run") -> None:
    for _ in range(settings.CERTIFICATION_QUIET_S + PATIENCE):
        actions.look(run.pk)
        run.refresh_from_db()
        if not run.is_running:
            return
        time.sleep(PAUSE)


def _tokens(company: str) -> Any:
    """A test user consents, and the first pair of tokens is refreshed."""
    demo = card()
    client_id, secret = test_secret(company)
    visitor = Visitor(demo["users"][TEST_USER]["email"], demo["password"])
    code, verifier = visitor.consent(client_id, redirect_uri(company))
    ours = {"client_id": client_id, "client_secret": secret}
    carried = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri(company)}
    first = _ask_for_tokens(ours | carried | {"grant_type": "authorization_code"})
    renewed = {"refresh_token": first["refresh_token"], "grant_type": "refresh_token"}
    return _ask_for_tokens(ours | renewed)


def _ask_for_tokens(form: dict[str, str]) -> Any:
    try:
        answer = requests.post(card()["oauth"]["token_url"], data=form, timeout=TIMEOUT)
    except requests.RequestException as error:
        raise SiteAway(url=settings.PUBLIC_URL, what=type(error).__name__) from error
    if not answer.ok:
        raise SiteAway(url=settings.PUBLIC_URL, what=f"no tokens, {answer.text[:200]}")
    return answer.json()
