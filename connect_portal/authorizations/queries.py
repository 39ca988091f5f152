"""Reads of this room, for every room above."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Max, QuerySet, When
from django.db.models.functions import Coalesce, Least

from connect_portal.authorizations.bearers import Account as Account
from connect_portal.authorizations.bearers import Bearer as Bearer
from connect_portal.authorizations.bearers import FastBearer as FastBearer
from connect_portal.authorizations.bearers import accounts_behind as accounts_behind
from connect_portal.authorizations.bearers import bearer as bearer
from connect_portal.authorizations.bearers import bearer_on as bearer_on
from connect_portal.authorizations.bearers import bearers as bearers
from connect_portal.authorizations.bearers import fast_bearer as fast_bearer
from connect_portal.authorizations.bearers import row_of as row_of
from connect_portal.authorizations.enums import (
    GIFTS_A_DAY,
    LIVE_STATES,
    OPEN_REDIRECTS,
    BindingState,
    GrantState,
    RedirectState,
)
from connect_portal.authorizations.models import (
    FOR_FAST_API,
    AccessToken,
    Binding,
    Cancellation,
    Client,
    ClientLogo,
    ClientSecret,
    Gift,
    Grant,
    RebateAnswer,
    RedirectProposal,
    RedirectURI,
    RefreshToken,
    UsedFrom,
    VenueAccount,
    VenueKey,
)
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.queries import code_of, open_to_bindings
from connect_portal.kit.clock import now
from connect_portal.kit.secrets import SealBroken
from connect_portal.venue import sandbox_operator
from connect_portal.venue.types import AccountKey, Credentials, Environment

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """That an institution may act on an account, and since when, in business time like fills."""

    institution_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Access:
    """A key that opens an account for sync, and what it comes from: ``binding:7``, ``grant:3``."""

    account_id: int
    source: str
    credentials: AccountKey


def bindings_of(owner_id: int) -> QuerySet[Binding]:
    """All bindings a person ever made, newest first, with institution and account."""
    mine = Binding.objects.filter(venue_account__owner_id=owner_id)
    return mine.select_related("institution", "venue_account")


def grants_of(person_id: int) -> QuerySet[Grant]:
    """All grants a person ever gave, newest first, with institution and account."""
    mine = Grant.objects.filter(person_id=person_id)
    return mine.select_related("institution", "client", "venue_account", "receipt")


def newest_grant_id() -> int:
    """The number of the latest grant there is; later ones have greater numbers."""
    return Grant.objects.aggregate(newest=Max("pk"))["newest"] or 0


def test_grant_of(token: str) -> int | None:
    """The grant of an access token, which may be over, if its account is a demo one."""
    rows = AccessToken.objects.filter(token_checksum=checksum(token))
    rows = rows.filter(grant__venue_account__environment=Environment.DEMO)
    return rows.values_list("grant_id", flat=True).first()


def test_grants(institution_id: int, *, since_grant: int) -> list[Grant]:
    """The grants that an institution's test client got after the one of that number."""
    rows = Grant.objects.filter(institution_id=institution_id, pk__gt=since_grant)
    demo = rows.filter(client__environment=Environment.DEMO).exclude(FOR_FAST_API)
    return list(demo.select_related("venue_account", "client").order_by("pk"))


def refreshes_of(grant_ids: Collection[int]) -> int:
    """How often tokens of these grants were refreshed: each pair beyond a grant's first is one."""
    rows = RefreshToken.objects.filter(grant_id__in=grant_ids)
    pairs = rows.aggregate(pairs=Count("pk"), grants=Count("grant", distinct=True))
    return int(pairs["pairs"] - pairs["grants"])


def used_from(grant: Grant) -> QuerySet[UsedFrom]:
    """The addresses that a grant was used from, the latest first."""
    return UsedFrom.objects.filter(grant=grant)


def cancellation_of(grant: Grant) -> Cancellation | None:
    """How far the canceling of an ended grant's orders has come, if that was wished for."""
    return Cancellation.objects.filter(grant=grant).first()


def accounts_of(
    owner_id: int, environment: Environment = Environment.LIVE
) -> QuerySet[VenueAccount]:
    """The venue accounts known as a person's at the configured venue, oldest first."""
    mine = VenueAccount.objects.filter(
        owner_id=owner_id, venue=settings.VENUE_NAME, environment=environment
    )
    return mine.order_by("since", "pk")


def account_of(owner_id: int, account_id: int) -> VenueAccount | None:
    """An account of a person at the configured venue, of either environment."""
    mine = VenueAccount.objects.filter(owner_id=owner_id, venue=settings.VENUE_NAME)
    return mine.filter(pk=account_id).first()


def made_keys(account: VenueAccount) -> dict[str, str]:
    """The label of each key of ours on an account, and what it is for."""
    ours = VenueKey.objects.filter(
        venue=account.venue, environment=account.environment, uid=account.uid
    )
    connected = Coalesce("grant__institution__name", "binding__institution__name")
    rows = ours.values_list("label", "delete_at", connected)
    return {
        label: "Being deleted" if due else f"Connection to {name}" if name else "This page"
        for label, due, name in rows
    }


def bound_keys(account: VenueAccount) -> dict[str, str]:
    """The fingerprint of each bound key of an account, and the institution it is bound for."""
    bound = Binding.objects.filter(venue_account=account, state__in=LIVE_STATES)
    return dict(bound.values_list("key_fingerprint", "institution__name"))


def free_gifts(account: VenueAccount) -> list[int]:
    """The numbers of the gifts of today that are still to be had."""
    given = Gift.objects.filter(venue_account=account, day=now().date()).exclude(given_at=None)
    taken = set(given.values_list("number", flat=True))
    return [number for number in range(1, GIFTS_A_DAY + 1) if number not in taken]


def codes_of_connections(owner_id: int) -> dict[str, str]:
    """The Connect codes of the institutions a person is connected to now, and their names."""
    bound = Binding.objects.filter(venue_account__owner_id=owner_id, state__in=LIVE_STATES)
    granted = _working_grants().filter(person_id=owner_id)
    names = {
        **dict(bound.values_list("institution_id", "institution__name")),
        **dict(granted.values_list("institution_id", "institution__name")),
    }
    codes = {pk: code_of(pk, settings.VENUE_NAME) for pk in names}
    return {code: names[pk] for pk, code in codes.items() if code}


def offers_fast_api(institution_id: int, environment: str) -> bool:
    """Whether an institution may have keys made over Fast API: where the venue makes them for us,
    on live accounts, and for those on the API channel."""
    if environment != Environment.LIVE:
        return False
    open_now = open_to_bindings(settings.VENUE_NAME)
    return sandbox_operator.available() and institution_id in {row.pk for row in open_now}


def client_of(institution_id: int, environment: Environment = Environment.LIVE) -> Client | None:
    """The OAuth client of an institution: the live one, or the one for tests."""
    mine = Client.objects.filter(institution_id=institution_id, environment=environment)
    return mine.select_related("institution", "logo").first()


def clients_of(institution_id: int) -> list[int]:
    """The numbers of an institution's OAuth clients, the one for tests too."""
    return list(Client.objects.filter(institution_id=institution_id).values_list("pk", flat=True))


def secrets_of(client: Client) -> QuerySet[ClientSecret]:
    """The secrets of a client that work, newest first."""
    return client.secrets.filter(revoked_at=None)


def is_secret_of(client_id: str, secret: str) -> bool:
    """Whether ``secret`` is one that works for the client of that public id."""
    known = ClientSecret.objects.filter(client__client_id=client_id, revoked_at=None)
    return known.filter(checksum=checksum(secret)).exists()


def redirects_of(client: Client) -> QuerySet[RedirectURI]:
    """The redirect URIs that stand for a client."""
    return client.redirects.filter(withdrawn_at=None)


def redirects_asked(client: Client) -> QuerySet[RedirectProposal]:
    """What the institution asked for, the newest first; what was approved is a redirect URI."""
    asked = client.redirect_proposals.exclude(state=RedirectState.APPROVED)
    return asked.order_by("-pk")[:20]


def redirects_to_decide() -> QuerySet[RedirectProposal]:
    """Redirect URIs that wait for somebody of the exchange, the oldest first."""
    waiting = RedirectProposal.objects.filter(state__in=OPEN_REDIRECTS)
    return waiting.select_related("client__institution")


def logo_of(client_id: str) -> ClientLogo | None:
    """The picture of the client of that public id."""
    return ClientLogo.objects.filter(client__client_id=client_id).first()


def standings(account_id: int) -> list[Standing]:
    """Every institution that is or was authorized on an account, by its spans of time."""
    bound = Binding.objects.filter(venue_account_id=account_id)
    granted = Grant.objects.filter(venue_account_id=account_id).exclude(FOR_FAST_API)
    ran_out = Case(When(expires_at__lte=now(), then="expires_at"))
    rows = [
        # LEAST passes over what is NULL: the leave stopped with the first of the two.
        *bound.values_list("institution_id", "bound_at", Least("quarantined_at", "ended_at")),
        *granted.values_list("institution_id", "granted_at", Coalesce("ended_at", ran_out)),
    ]
    return sorted((Standing(*row) for row in rows), key=attrgetter("since"))


def working_account_ids() -> list[int]:
    """Accounts with at least one key that the venue accepts."""
    bound = _working_bindings().order_by().values_list("venue_account_id", flat=True)
    granted = _grants_with_a_key().order_by().values_list("venue_account_id", flat=True)
    return list(bound.union(granted))


def accesses(account_ids: Collection[int]) -> list[Access]:
    """One working key per account for sync, of a binding before one of a grant, the newest first;
    accounts without one are left out.

    So is one whose sealed copy does not open here: that is for the operator, who may have lost a
    vault key, and must not stop the others.
    """
    newest: dict[int, Access] = {}
    for name, rows in (("grant", _grants_with_a_key()), ("binding", _working_bindings())):
        # Oldest first, so that the newest is what remains.
        for row in rows.filter(venue_account_id__in=account_ids).reverse():
            source = f"{name}:{row.pk}"
            if (credentials := _opened(row, source)) is not None:
                newest[row.venue_account_id] = Access(row.venue_account_id, source, credentials)
    return list(newest.values())


def keys_of_users(institution_id: int) -> Iterator[tuple[str, str]]:
    """The API keys of users who are connected to an institution now, each with its channel, the
    bound ones first; a token of the venue is no key."""
    rows: dict[Channel, QuerySet[Any]] = {
        Channel.API: _working_bindings(),
        Channel.OAUTH: _grants_with_a_key(),
    }
    for channel, connections in rows.items():
        for row in connections.filter(institution_id=institution_id):
            opened = _opened(row, f"{channel}:{row.pk}")
            if isinstance(opened, Credentials):
                yield opened.api_key, channel.value


def rebate_answer(institution_id: int) -> RebateAnswer | None:
    """What the exchange last said about paying an institution, if it was asked."""
    return RebateAnswer.objects.filter(pk=institution_id).first()


def _working_bindings() -> QuerySet[Binding]:
    return Binding.objects.filter(state=BindingState.BOUND)


def _working_grants() -> QuerySet[Grant]:
    """Those that allow something at the gateway."""
    active = Grant.objects.filter(state=GrantState.ACTIVE, expires_at__gt=now())
    return active.exclude(FOR_FAST_API)


def _grants_with_a_key() -> QuerySet[Grant]:
    """Those that do not rest on a binding; a token of the venue that has run out is no key. What
    is traded on demo accounts is not mirrored, since it counts for nobody."""
    live = _working_grants().filter(venue_account__environment=Environment.LIVE)
    working = live.filter(sealed_credentials__isnull=False)
    return working.exclude(token_expires_at__lte=now())


def _opened(row: Binding | Grant, source: str) -> AccountKey | None:
    try:
        return row.account_key()
    except SealBroken:
        log.error("%s: our copy of its key does not open", source)
        return None


def live_bindings_count(institution_id: int) -> int:
    """How many connections, bindings and grants, an institution has now."""
    return _live_counts(institution_id=institution_id)[institution_id]


def live_bindings_counts(institution_ids: Collection[int]) -> dict[int, int]:
    """How many connections these institutions have now; those without any are left out."""
    return dict(_live_counts(institution__in=institution_ids))


def _live_counts(**where: Any) -> Counter[int]:
    counts: Counter[int] = Counter()
    for rows in (Binding.objects.filter(state__in=LIVE_STATES), _working_grants()):
        per = rows.filter(**where).order_by().values("institution_id")
        counts.update(
            dict(per.annotate(number=Count("pk")).values_list("institution_id", "number"))
        )
    return counts


def account_uids(account_ids: Collection[int]) -> dict[int, str]:
    """The venue's own number of each account."""
    return dict(VenueAccount.objects.filter(pk__in=account_ids).values_list("pk", "uid"))
