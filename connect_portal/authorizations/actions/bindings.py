"""The API channel: bind a key that was given or is made for it, and end a binding."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations import rules
from connect_portal.authorizations.actions import (
    binding_states,
    consents,
    letters,
    probing,
    venue_keys,
)
from connect_portal.authorizations.actions.accounts import account_to_use
from connect_portal.authorizations.enums import (
    LIVE_STATES,
    STANDING_TOPIC,
    BindingState,
    EndedBy,
    News,
    Tag,
)
from connect_portal.authorizations.errors import AccountTaken, NotYourBinding
from connect_portal.authorizations.key_errors import InstitutionNotOpen, KeyBound
from connect_portal.authorizations.models import Binding, Grant, VenueAccount, VenueKey
from connect_portal.authorizations.models.accounts import fingerprint_of
from connect_portal.institutions.queries import open_to_bindings
from connect_portal.kit import feed
from connect_portal.kit.clock import now
from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.people.queries import developer_ids
from connect_portal.venue.business_clock import business_now
from connect_portal.venue.registry import venue
from connect_portal.venue.types import Credentials, Environment, KeyReport


@dataclass(frozen=True, slots=True)
class NewKey:
    """A binding and the key that was made for it, to be shown once."""

    binding: Binding
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class _Bound:
    """What is to be bound, for whom, what the venue says of it, and our row if we made the key."""

    institution_id: int
    credentials: Credentials
    report: KeyReport
    venue_key: VenueKey | None = None
    grant: Grant | None = None
    kept_instead: Credentials | None = None


def bind_key(
    *, owner_id: int, institution_id: int, credentials: Credentials, actor: str
) -> Binding:
    """Bind an API key of the owner's venue account for an institution.

    The venue says whose key it is and what it may do; the key is stored encrypted and serves
    probe and sync only. Binding again replaces the key of the same account and institution.

    Raises InstitutionNotOpen, KeyRefused and its kin, KeyMayTooMuch, KeyCannotTrade, KeyBound,
    AccountTaken, VenueAway; nothing is stored then. After commit: a first sync of the account,
    and the stream learns of it.
    """
    place = venue()
    _check_open(institution_id)
    report = probing.ask_for_binding(credentials)
    at = business_now()
    try:
        with transaction.atomic():
            account = _account_of(owner_id, place.name, report.uid)
            return _bind(account, _Bound(institution_id, credentials, report), at, actor=actor)
    except AccountTaken:
        _put_aside_what_leaked(credentials, actor=actor)
        raise


def bind_new_key(
    *, owner_id: int, institution_id: int, account_id: int | None = None, actor: str
) -> NewKey:
    """Make a key that may read and trade on the person's account, and bind it in the same step.

    ``account_id`` None stands for the account that the sandbox keeps for the person. The key is
    deleted at the venue when its binding ends. Raises InstitutionNotOpen, NotYourAccount,
    NoAccountHere, NoKeyForGrants, VenueAway; what was made by then is deleted by a sweep.
    """
    _check_open(institution_id)
    account = account_to_use(owner_id, account_id, actor=actor)
    key = venue_keys.promise(account, "Connection")
    credentials = venue_keys.make(key, rules.ALLOWED)
    report = KeyReport(uid=account.uid, permissions=rules.ALLOWED, ips=(), label=key.label)
    at = business_now()
    with transaction.atomic():
        venue_keys.claim(key)
        what = _Bound(institution_id, credentials, report, key)
        return NewKey(_bind(account, what, at, actor=actor), credentials)


def unbind(binding_id: int, *, owner_id: int, actor: str) -> Binding:
    """End a binding: attribution stops at once and our copy of the key is destroyed; a key that we
    made is deleted at the venue too, any other lives on there until its owner deletes it. The
    institution gets a letter.

    Raises NotYourBinding.
    """
    at = business_now()
    with transaction.atomic():
        # A consent is always held before what was made with it.
        consents.hold_beside(binding_id)
        mine = Binding.objects.select_for_update(of=["self"]).filter(
            venue_account__owner_id=owner_id
        )
        binding = mine.filter(pk=binding_id).exclude(state=BindingState.UNBOUND).first()
        if binding is None:
            raise NotYourBinding()
        _end(binding, EndedBy.USER, at)
        consents.end_beside(binding, EndedBy.USER, at, actor=actor)
        letters.write(News.UNBOUND, binding, developer_ids(binding.institution_id))
        feed.ring_on_commit(STANDING_TOPIC, binding.pk)
        record(Tag.UNBOUND, actor=actor, subject=f"binding:{binding.pk}")
    return binding


def bind_made(
    grant: Grant,
    key: VenueKey,
    credentials: Credentials,
    report: KeyReport,
    at: datetime,
    *,
    kept_instead: Credentials | None,
    actor: str,
) -> Binding:
    """Bind a key that was made with a consent for Fast API; part of that action's transaction.
    ``kept_instead`` is the one that we read with where the key does not work from here."""
    venue_keys.claim(key)
    what = _Bound(grant.institution_id, credentials, report, key, grant, kept_instead)
    return _bind(grant.venue_account, what, at, actor=actor)


def end(binding: Binding, reason: EndedBy, at: datetime, *, actor: str) -> None:
    """End a binding, held already, for ``reason``; part of another action's transaction."""
    _end(binding, reason, at)
    consents.end_beside(binding, reason, at, actor=actor)
    feed.ring_on_commit(STANDING_TOPIC, binding.pk)
    record(Tag.UNBOUND, actor=actor, subject=f"binding:{binding.pk}", data={"by": reason})


def end_made_with(grant: Grant, reason: EndedBy, *, actor: str) -> None:
    """End the key that was made with a consent for Fast API, since that has ended."""
    made = grant.fast_bindings.select_for_update().exclude(state=BindingState.UNBOUND)
    for binding in made:
        end(binding, reason, grant.ended_at or now(), actor=actor)


def _check_open(institution_id: int) -> None:
    if institution_id not in {row.pk for row in open_to_bindings(venue().name)}:
        raise InstitutionNotOpen()


def _account_of(owner_id: int, venue_name: str, uid: str) -> VenueAccount:
    account, _ = VenueAccount.objects.get_or_create(
        venue=venue_name,
        environment=Environment.LIVE,
        uid=uid,
        defaults={"owner_id": owner_id},
    )
    if account.owner_id != owner_id:
        raise AccountTaken()
    return account


def _put_aside_what_leaked(credentials: Credentials, *, actor: str) -> None:
    """A bound key that a second person has in hand, secret and all, is in no good hands."""
    same = Binding.objects.filter(
        key_fingerprint=fingerprint_of(credentials), state__in=LIVE_STATES
    )
    trouble = "Somebody else has this key too: it was given here in another person's name."
    for binding_id in list(same.values_list("pk", flat=True)):
        binding_states.quarantine(binding_id, trouble=trouble, actor=actor)


def _bind(account: VenueAccount, what: _Bound, at: datetime, *, actor: str) -> Binding:
    # One writer per account: two forms sent at once end with one live binding.
    VenueAccount.objects.select_for_update().get(pk=account.pk)
    _check_free(what)
    replaced = _end_replaced(account, what.institution_id, at)
    binding = _store(account, what, at)
    consents.rest_on(binding, replaced)
    enqueue_on_commit("trades.catch_up", account_ids=[account.pk])
    feed.ring_on_commit(STANDING_TOPIC, binding.pk)
    record(
        Tag.REPLACED if replaced else Tag.BOUND,
        actor=actor,
        subject=f"binding:{binding.pk}",
        data={
            "institution": what.institution_id,
            "uid": account.uid,
            "key": binding.key_fingerprint,
            "permissions": binding.permissions,
            "made_here": what.venue_key is not None,
        },
    )
    return binding


def _check_free(what: _Bound) -> None:
    """A key is bound for one institution at a time; the table holds that too."""
    same = Binding.objects.filter(
        key_fingerprint=fingerprint_of(what.credentials), state__in=LIVE_STATES
    )
    other = same.exclude(institution_id=what.institution_id).select_related("institution").first()
    if other is not None:
        raise KeyBound(institution=other.institution.name)


def _end_replaced(account: VenueAccount, institution_id: int, at: datetime) -> list[Binding]:
    """End what the new key replaces, one that was put aside included."""
    before = account.bindings.filter(institution_id=institution_id)
    replaced = list(before.exclude(state=BindingState.UNBOUND))
    for binding in replaced:
        _end(binding, EndedBy.SUPERSEDED, at)
    return replaced


def _end(binding: Binding, reason: EndedBy, at: datetime) -> None:
    binding.state = BindingState.UNBOUND
    binding.ended_at, binding.ended_by = at, reason
    binding.sealed_credentials = None
    binding.save(update_fields=["state", "ended_at", "ended_by", "sealed_credentials"])
    if binding.venue_key_id is not None:
        venue_keys.drop(binding.venue_key_id)


def _store(account: VenueAccount, what: _Bound, at: datetime) -> Binding:
    binding = Binding(
        venue_account=account,
        institution_id=what.institution_id,
        venue_key=what.venue_key,
        grant=what.grant,
        label=what.report.label if what.grant else "",
        state=BindingState.BOUND,
        permissions=sorted(what.report.permissions),
        ips=list(what.report.ips),
        bound_at=at,
    )
    binding.keep(what.credentials, instead=what.kept_instead)
    binding.save()
    return binding
