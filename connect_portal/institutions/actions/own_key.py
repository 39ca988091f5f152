"""The read-only key of a company's own account at the venue: tried there, then kept sealed."""

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.institutions.actions.applying import lock_editable
from connect_portal.institutions.enums import Tag
from connect_portal.institutions.form_errors import OwnKeyRefused
from connect_portal.institutions.models import Application, VenueKey
from connect_portal.kit.clock import now
from connect_portal.venue.errors import VenueError
from connect_portal.venue.registry import venue
from connect_portal.venue.types import PERMISSION_READ, Credentials, KeyReport

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_ONLY_READS: Final = frozenset({PERMISSION_READ})
_AWAY: Final = "The exchange does not answer just now. Try again in some minutes."
_SAID: Final = {
    "50101": "This key is of demo trading; make one in the live environment.",
    "50105": "The exchange refused this passphrase.",
    "50110": "The exchange takes this key from other network addresses only.",
    "50111": "The exchange knows no such key.",
    "50113": "The exchange refused the signature that this secret makes.",
    "50119": "The exchange knows no such key at this site; a key works in its own region only.",
}
"""What a venue's numbers mean (https://www.okx.com/docs-v5/en/#error-code)."""


def set_venue_key(applicant: "Person", application_id: int, credentials: Credentials) -> VenueKey:
    """Keep a key that reads the company's own account and can do nothing else.

    The venue is asked before the transaction. Raises OwnKeyRefused, NoSuchMove.
    """
    application = Application.objects.get(pk=application_id, applicant=applicant)
    report = _ask(credentials)
    _refuse_unless_fit(report, application.venue_account_uid)
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        _refuse_unless_fit(report, application.venue_account_uid)
        VenueKey.objects.filter(application=application).delete()
        key = VenueKey(application=application, uid=report.uid, probed_at=now())
        key.keep(credentials)
        key.save()
        application.saved_at = now()
        application.save(update_fields=["saved_at"])
        data = {"uid": key.uid, "hint": key.hint}
        subject = application.subject
        record(Tag.VENUE_KEY_SET, actor=applicant.actor, subject=subject, data=data)
    return key


def remove_venue_key(applicant: "Person", application_id: int) -> None:
    """Destroy our copy of the key; again changes nothing. Raises NoSuchMove."""
    with transaction.atomic():
        application = lock_editable(applicant, application_id)
        if VenueKey.objects.filter(application=application).delete()[0]:
            subject = application.subject
            record(Tag.VENUE_KEY_REMOVED, actor=applicant.actor, subject=subject, data={})


def _ask(credentials: Credentials) -> KeyReport:
    try:
        return venue(settings.VENUE_NAME).probe(credentials)
    except VenueError as error:
        said = _SAID.get(error.venue_code, f"The exchange refused this key: {error.message}")
        raise OwnKeyRefused(reason=_AWAY if error.retryable else said) from error


def _refuse_unless_fit(report: KeyReport, uid: str) -> None:
    if extra := report.permissions - _ONLY_READS:
        raise OwnKeyRefused(
            reason=f"This key may also {', '.join(sorted(extra))}. Make one that only reads."
        )
    if not uid:
        raise OwnKeyRefused(reason="Fill in the UID of your account first.")
    if report.uid != uid:
        raise OwnKeyRefused(
            reason=f"This key opens account {report.uid}, and the form names {uid}."
        )
