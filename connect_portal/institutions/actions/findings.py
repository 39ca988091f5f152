"""Findings: written by the automatic screening, cleared by compliance with a reason.

`reviews` lets the screening look whenever an application comes into the review.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.enums import CLOSED_STEPS, Check, Severity, Step, Tag
from connect_portal.institutions.errors import (
    NotYourPart,
    WordsMissing,
)
from connect_portal.institutions.models import (
    NOTE_LENGTH,
    SEEN_LENGTH,
    Application,
    Finding,
)
from connect_portal.institutions.moves import REVIEWERS, Hand
from connect_portal.institutions.review_errors import (
    FindingOver,
)
from connect_portal.institutions.rules import hands_of
from connect_portal.institutions.screening import (
    WATCHED,
    Sight,
    Surroundings,
    Watch,
    sights,
    watched,
)
from connect_portal.institutions.surroundings import others_than, somebody, watch_in_force
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

ACTOR: Final = "system:screening"
GONE: Final = "No longer seen by the screening."


def look(application: Application, *, actor: str, at: datetime) -> None:
    """Screen an application whose lock the caller holds, and keep what is seen.

    What a person cleared stays cleared while nothing else is seen; what is no longer seen is
    cleared without a person.
    """
    watch, number = watch_in_force()
    loopback = settings.EMBEDDED or settings.DEMO
    around = Surroundings(tuple(others_than(application)), watch, at.date(), loopback)
    seen = sights(somebody(application), around)
    _keep(application, seen, frozenset(Check), actor=actor, at=at, watch_list=number)


def look_again(application_id: int, watch: Watch, number: int) -> bool:
    """Compare an application with a watch list that came into force; whether anything changed."""
    at = business_now()
    with transaction.atomic():
        application = Application.objects.select_for_update().get(pk=application_id)
        if application.step in (Step.DRAFT, *CLOSED_STEPS):
            return False
        seen = list(watched(somebody(application), watch))
        return _keep(application, seen, WATCHED, actor=ACTOR, at=at, watch_list=number)


def _keep(
    application: Application,
    sights_now: Iterable[Sight],
    looked_for: frozenset[Check],
    *,
    actor: str,
    at: datetime,
    watch_list: int | None,
) -> bool:
    """Keep what is seen of ``looked_for``; whether anything was new or gone."""
    seen = {_key(sight): sight for sight in sights_now}
    known = list(application.findings.filter(rule__in=looked_for))
    standing = {_key(one) for one in known if one.cleared_at is None or one.cleared_by_id}
    gone = [one.pk for one in known if one.cleared_at is None and _key(one) not in seen]
    application.findings.filter(pk__in=gone).update(cleared_at=at, reason=GONE)
    fresh = [sight for key, sight in seen.items() if key not in standing]
    Finding.objects.bulk_create(_row(application, sight, at) for sight in fresh)
    is_whole = looked_for == frozenset(Check)
    if fresh or gone or is_whole:
        found = [sight.rule for sight in fresh]
        data = {"found": found, "gone": len(gone), "watch_list": watch_list}
        record(Tag.SCREENED, actor=actor, subject=application.subject, data=data)
    return bool(fresh or gone)


def clear_finding(finding_id: int, *, reason: str, person: "Person", actor: str) -> Finding:
    """Note why a finding is none: compliance any of them, the account manager a notice.

    Raises NotYourPart, WordsMissing, FindingOver (who was first).
    """
    at = business_now()
    with transaction.atomic():
        finding = _locked(finding_id)
        may = (Hand.COMPLIANCE,) if finding.severity == Severity.BLOCKING else REVIEWERS
        if not hands_of(person, finding.application) & set(may):
            raise NotYourPart(hands=" or ".join(hand.label for hand in may))
        if finding.cleared_at is not None:
            name = finding.cleared_by or "the screening"
            raise FindingOver(name=name, at=finding.cleared_at, reason=finding.reason)
        if not reason.strip():
            raise WordsMissing()
        finding.cleared_by, finding.cleared_at = person, at
        finding.reason = reason[:NOTE_LENGTH]
        finding.save(update_fields=["cleared_by", "cleared_at", "reason"])
        data = {"finding": finding.pk, "rule": finding.rule, "reason": finding.reason}
        record(Tag.FINDING_CLEARED, actor=actor, subject=finding.application.subject, data=data)
    return finding


def _locked(finding_id: int) -> Finding:
    found = Finding.objects.get(pk=finding_id)
    application = Application.objects.select_for_update().get(pk=found.application_id)
    finding = Finding.objects.select_related("cleared_by").get(pk=finding_id)
    finding.application = application
    return finding


def _key(one: Finding | Sight) -> tuple[str, str, str]:
    return str(one.rule), one.field, one.seen[:SEEN_LENGTH]


def _row(application: Application, sight: Sight, at: datetime) -> Finding:
    return Finding(
        application=application,
        rule=sight.rule,
        field=sight.field,
        seen=sight.seen[:SEEN_LENGTH],
        severity=sight.severity,
        found_at=at,
    )
