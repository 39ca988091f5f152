"""Asks the exchange whether it pays institutions that are observed: `broker/fd/if-rebate`, about a
connected user's key, signed with the institution's own (https://www.okx.com/docs-v5/broker_en/).

Outside of any transaction; what it said is a row, and completing the onboarding reads that.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from connect_portal.authorizations.enums import RebateType
from connect_portal.authorizations.models import RebateAnswer
from connect_portal.authorizations.queries import keys_of_users
from connect_portal.institutions.enums import Step
from connect_portal.institutions.queries import code_of, contract, own_key
from connect_portal.institutions.tracking import applications_at
from connect_portal.kit.secrets import SealBroken
from connect_portal.terms.queries import rate
from connect_portal.venue import sandbox_operator
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.errors import VenueError
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials

AGAIN_AFTER: Final = timedelta(minutes=15)
TWO_KINDS: Final = "50044"
"""What is answered to a broker with a code of each kind that does not say which is meant."""
_LONGEST: Final = 300


def ask_rebates() -> int:
    """Ask about every institution under observation that was not asked about lately; how many."""
    at, asked = business_now(), 0
    places = [row.institution_id for row in applications_at(Step.MONITORING) if row.institution_id]
    lately = RebateAnswer.objects.filter(asked_at__gt=at - AGAIN_AFTER)
    done = set(lately.values_list("pk", flat=True))
    for institution_id in places:
        if institution_id not in done:
            asked += _ask(institution_id, at)
    return asked


def _ask(institution_id: int, at: datetime) -> bool:
    """Ask about one; whether it could be asked at all."""
    own = own_key(institution_id)
    if own is None:
        return False
    kind, trouble = "", "No user is connected whose key could be asked about."
    key = next(iter(keys_of_users(institution_id)), None)
    if key is not None:
        try:
            _make_known(institution_id, own.uid, at)
            kind, trouble = _rebate_type(own.credentials(), *key)[:4], ""
        except VenueError as error:
            trouble = f"The exchange did not answer: {error.message}"[:_LONGEST]
        except SealBroken:
            trouble = "Our copy of the institution's key does not open."
    said = {"asked_at": at, "kind": kind, "trouble": trouble}
    said |= {"earned_at": at} if kind == RebateType.EARNS else {}
    RebateAnswer.objects.update_or_create(pk=institution_id, defaults=said)
    return True


def _rebate_type(own: Credentials, api_key: str, channel: str) -> str:
    """What the exchange says; a code of each kind is told apart by the user's channel."""
    try:
        return venue().rebate_type(own, api_key)
    except VenueError as error:
        if error.venue_code != TWO_KINDS:
            raise
    return venue().rebate_type(own, api_key, channel=channel)


def _make_known(institution_id: int, uid: str, at: datetime) -> None:
    """Tell a sandbox whose account has the code and at which rates, which the exchange's own people
    enter elsewhere. Once: what it knows stays until its terms change there."""
    terms, code = contract(institution_id, at), code_of(institution_id, settings.VENUE_NAME)
    known = RebateAnswer.objects.filter(pk=institution_id).exclude(kind="").exists()
    if known or terms is None or code is None or not sandbox_operator.available():
        return
    direct, affiliated = (
        rate(terms.plan_version_id, terms.level, affiliated=invited) for invited in (False, True)
    )
    sandbox_operator.set_broker(uid, code, rate=direct, affiliated_rate=affiliated)
