"""The API channel: bind a key, end a binding, note that the venue refuses a key."""

from datetime import datetime

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import LIVE_STATES, BindingState, EndedBy, Tag
from connect_portal.authorizations.errors import (
    AccountTaken,
    AddressNotAllowed,
    InstitutionNotOpen,
    KeyMayTooMuch,
    KeyRefused,
    NotYourBinding,
    PassphraseWrong,
    SecretWrong,
    VenueAway,
)
from connect_portal.authorizations.models import Binding, VenueAccount
from connect_portal.institutions.queries import open_to_bindings
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.kit.errors import Refusal
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.errors import VenueError
from connect_portal.venue.registry import venue
from connect_portal.venue.types import (
    PERMISSION_READ,
    PERMISSION_TRADE,
    Credentials,
    Environment,
    KeyReport,
)

STANDING_TOPIC = "authorizations"
"""The feed topic that rings when the set of live bindings changes."""

_REFUSAL_OF: dict[str, type[Refusal]] = {
    "50105": PassphraseWrong,
    "50110": AddressNotAllowed,
    "50113": SecretWrong,
}
"""Which field a venue's number speaks of (https://www.okx.com/docs-v5/en/#error-code); any other
refusal is shown beside the key, in the venue's own words."""


def bind_key(
    *, owner_id: int, institution_id: int, credentials: Credentials, actor: str
) -> Binding:
    """Bind an API key of the owner's venue account for an institution.

    The venue says whose key it is and what it may do; the key is stored encrypted and serves
    probe and sync only. Binding again replaces the key of the same account and institution.

    Raises InstitutionNotOpen, KeyRefused and its kin, KeyMayTooMuch, AccountTaken, VenueAway;
    nothing is stored then. After commit: a first sync of the account, and the stream learns of it.
    """
    place = venue()
    if institution_id not in {row.pk for row in open_to_bindings(place.name)}:
        raise InstitutionNotOpen()
    report = _probe(credentials)
    at = business_now()

    with transaction.atomic():
        account = _account_of(owner_id, place.name, report.uid)
        replaced = _end_live(account, institution_id, at)
        binding = _store(account, institution_id, credentials, report, at)
        enqueue_on_commit("trades.catch_up", account_ids=[account.pk])
        feed.ring_on_commit(STANDING_TOPIC, binding.pk)
        record(
            Tag.REPLACED if replaced else Tag.BOUND,
            actor=actor,
            subject=f"binding:{binding.pk}",
            data={
                "institution": institution_id,
                "uid": report.uid,
                "key": binding.key_fingerprint,
                "permissions": binding.permissions,
            },
        )
    return binding


def unbind(binding_id: int, *, owner_id: int, actor: str) -> Binding:
    """End a binding: attribution stops at once and our copy of the key is destroyed.

    Raises NotYourBinding. The key itself lives on at the venue until its owner deletes it there.
    """
    at = business_now()
    with transaction.atomic():
        mine = Binding.objects.select_for_update(of=["self"]).filter(
            venue_account__owner_id=owner_id, state__in=LIVE_STATES
        )
        binding = mine.filter(pk=binding_id).first()
        if binding is None:
            raise NotYourBinding()
        _end(binding, EndedBy.USER, at)
        feed.ring_on_commit(STANDING_TOPIC, binding.pk)
        record(Tag.UNBOUND, actor=actor, subject=f"binding:{binding.pk}")
    return binding


def degrade(binding_id: int, *, trouble: str, actor: str) -> None:
    """Note that the venue refuses the key of a binding; said once, until it is bound anew."""
    with transaction.atomic():
        working = Binding.objects.select_for_update().filter(state=BindingState.BOUND)
        binding = working.filter(pk=binding_id).first()
        if binding is None:
            return
        binding.state = BindingState.DEGRADED
        binding.trouble = trouble[:200]
        binding.save(update_fields=["state", "trouble"])
        feed.ring_on_commit(STANDING_TOPIC, binding.pk)
        record(
            Tag.DEGRADED, actor=actor, subject=f"binding:{binding.pk}", data={"trouble": trouble}
        )


def _probe(credentials: Credentials) -> KeyReport:
    """What the venue says of this key; the refusals of the venue in our words."""
    try:
        report = venue().probe(credentials)
    except VenueError as error:
        if error.retryable:
            raise VenueAway() from error
        if refusal := _REFUSAL_OF.get(error.venue_code):
            raise refusal() from error
        raise KeyRefused(reason=error.message.rstrip(".")) from error
    if extra := report.permissions - {PERMISSION_READ, PERMISSION_TRADE}:
        raise KeyMayTooMuch(extra=", ".join(sorted(extra)))
    return report


def _account_of(owner_id: int, venue_name: str, uid: str) -> VenueAccount:
    account, _ = VenueAccount.objects.get_or_create(
        venue=venue_name,
        environment=Environment.LIVE,
        uid=uid,
        defaults={"owner_id": owner_id},
    )
    if account.owner_id != owner_id:
        raise AccountTaken()
    # One writer per account: two forms sent at once end with one live binding.
    return VenueAccount.objects.select_for_update().get(pk=account.pk)


def _end_live(account: VenueAccount, institution_id: int, at: datetime) -> bool:
    live = account.bindings.filter(institution_id=institution_id, state__in=LIVE_STATES).first()
    if live is not None:
        _end(live, EndedBy.SUPERSEDED, at)
    return live is not None


def _end(binding: Binding, reason: EndedBy, at: datetime) -> None:
    binding.state = BindingState.UNBOUND
    binding.ended_at, binding.ended_by = at, reason
    binding.sealed_credentials = None
    binding.save(update_fields=["state", "ended_at", "ended_by", "sealed_credentials"])


def _store(
    account: VenueAccount,
    institution_id: int,
    credentials: Credentials,
    report: KeyReport,
    at: datetime,
) -> Binding:
    binding = Binding(
        venue_account=account,
        institution_id=institution_id,
        state=BindingState.BOUND,
        permissions=sorted(report.permissions),
        ips=list(report.ips),
        probed_at=now(),
        bound_at=at,
    )
    binding.keep(credentials)
    binding.save()
    return binding
