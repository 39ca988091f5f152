"""The page of an account at the sandbox exchange: prices, money, orders and fills as they are now.

The page paints whole without a script; with one, its parts are fetched again every second or so
by the same templates (static/js/authorizations/account.js).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.authorizations import actions, desk, queries
from connect_portal.authorizations.enums import GIFTS_A_DAY
from connect_portal.authorizations.errors import of_venue
from connect_portal.authorizations.forms.account import GiftForm, OrderForm
from connect_portal.authorizations.models import VenueAccount
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of
from connect_portal.venue import sandbox_operator
from connect_portal.venue.errors import VenueError
from connect_portal.venue.quotes import Pair
from connect_portal.venue.types import Environment

FIRST_PAIR = "BTC-USDT"
FEW = 3
"""Candles for a page that has the older ones already."""
P = ParamSpec("P")


def of_account(
    view: Callable[Concatenate[HttpRequest, VenueAccount, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, int, P], HttpResponse]:
    """Give a view the person's own account that its address names; there is none at any venue but
    the sandbox."""

    @wraps(view)
    def viewed(
        request: HttpRequest, account_id: int, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        account = queries.account_of(person_of(request).pk, account_id)
        if account is None or not sandbox_operator.available():
            raise Http404
        return view(request, account, *args, **kwargs)

    return viewed


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a page asks to be shown."""

    instrument: str
    bar: str

    def among(self, pairs: Collection[Pair]) -> "Asked":
        """The same, but of a pair that is listed."""
        names = [pair.instrument for pair in pairs]
        return self if self.instrument in names else Asked(names[0], self.bar)

    def spendable(self, holdings: desk.Holdings) -> dict[str, desk.Money]:
        """What there is of the pair's two currencies."""
        base, _, quote = self.instrument.partition("-")
        return {"base": holdings.of(base), "quote": holdings.of(quote)}

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Read an address; what it does not say, or says wrongly, is the usual."""
        bar = request.GET.get("bar", "")
        instrument = request.GET.get("pair", "")[:32] or FIRST_PAIR
        return cls(instrument, bar if bar in desk.BARS else desk.BARS[0])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, environment: Environment) -> HttpResponse:
    """Lead to the person's account in an environment, or offer to open one."""
    person = person_of(request)
    context: dict[str, Any] = {"environment": environment, "venue": settings.VENUE_NAME}
    if not sandbox_operator.available():
        return render(request, "authorizations/user/account/elsewhere.html", context)
    account = queries.accounts_of(person.pk, environment).first()
    if account is None and request.method == "POST":
        try:
            account = actions.open_account(person.pk, environment, actor=person.actor)
        except Refusal as refusal:
            context["refusal"] = refusal.text
    if account is not None:
        return redirect("authorizations_user:account_page", account.pk)
    return render(request, "authorizations/user/account/open.html", context)


@never_cache
@require_safe
@of_account
def show(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """The whole page."""
    return page(request, account)


@never_cache
@require_safe
@of_account
def prices(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """The parts that show the pair."""
    asked = Asked.of(request)
    try:
        shown = desk.prices(Environment(account.environment), asked.instrument, asked.bar)
    except VenueError as error:
        return trouble(request, error)
    if "few" in request.GET:
        shown = replace(shown, candles=shown.candles[:FEW])
    context = {"prices": shown, "asked": asked, "account": account}
    return render(request, "authorizations/user/account/_prices.html", context)


@never_cache
@require_safe
@of_account
def holdings(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """The parts that show what the account has."""
    try:
        shown = desk.holdings(account, actor=person_of(request).actor)
    except VenueError as error:
        return trouble(request, error)
    asked = Asked.of(request)
    context = {"holdings": shown, "account": account, "spendable": asked.spendable(shown)}
    return render(request, "authorizations/user/account/_holdings.html", context)


def page(
    request: HttpRequest,
    account: VenueAccount,
    *,
    order_form: OrderForm | None = None,
    gift_form: GiftForm | None = None,
) -> HttpResponse:
    """The whole page with the forms as they stand; 422 where one of them was refused."""
    person, asked = person_of(request), Asked.of(request)
    environment = Environment(account.environment)
    gifts = queries.free_gifts(account)
    context: dict[str, Any] = {
        "account": account,
        "accounts": queries.accounts_of(person.pk, environment),
        "asked": asked,
        "bars": desk.BARS,
        "codes": queries.codes_of_connections(person.pk),
        "gift_form": gift_form or GiftForm(number=gifts[0] if gifts else None),
        "gifts_left": len(gifts),
        "gifts_a_day": GIFTS_A_DAY,
    }
    try:
        context["pairs"] = pairs = desk.pairs(environment)
        context["asked"] = asked = asked.among(pairs)
        context["prices"] = desk.prices(environment, asked.instrument, asked.bar)
        context["holdings"] = shown = desk.holdings(account, actor=person.actor)
        context["spendable"] = asked.spendable(shown)
        context["fees"] = desk.fees(account, asked.instrument, actor=person.actor)
    except VenueError as error:
        context["trouble"] = of_venue(error).text
    context["order_form"] = order_form or OrderForm(instrument=asked.instrument)
    refused = any(form and form.errors for form in (order_form, gift_form))
    return render(
        request, "authorizations/user/account/page.html", context, status=422 if refused else 200
    )


def trouble(request: HttpRequest, error: VenueError) -> HttpResponse:
    """In place of fresh parts: why there are none."""
    context = {"trouble": of_venue(error).text}
    return render(request, "authorizations/user/account/_trouble.html", context)
