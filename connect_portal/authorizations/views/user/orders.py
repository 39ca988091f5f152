"""What a person does on the page of an account: place an order, cancel one, take paper money.

Each view answers a form of the page. A script that sent the form gets the parts that changed
(``HX-Request``, as for every fragment here); otherwise the page is painted anew.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from connect_portal.authorizations import actions, queries
from connect_portal.authorizations.enums import GIFTS_A_DAY
from connect_portal.authorizations.errors import of_venue
from connect_portal.authorizations.forms.account import GiftForm, OrderForm
from connect_portal.authorizations.models import VenueAccount
from connect_portal.authorizations.views.user.account import Asked, of_account, page
from connect_portal.kit.errors import Refusal
from connect_portal.kit.money import plain
from connect_portal.people.rules import person_of
from connect_portal.venue.errors import OrderRefused, VenueError
from connect_portal.venue.types import NewOrder


@never_cache
@require_POST
@of_account
def place(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """Place an order; a refused one comes back as it was typed, the reason beside its field."""
    form, said = OrderForm(request.POST), ""
    if form.is_valid():
        try:
            order_id = actions.place_order(account, form.order, actor=person_of(request).actor)
        except (Refusal, OrderRefused) as refusal:
            form.say(refusal)
        except VenueError as error:
            form.say(of_venue(error))
        else:
            said = f"{_in_words(form.order)}: placed as order {order_id}."
    form.renew(placed=bool(said))
    if not _wants_parts(request):
        if not said:
            return page(request, account, order_form=form)
        messages.success(request, said)
        return _back(request, account)
    status = 200 if said else 422
    return _parts(request, account, "order", status=status, order_form=form, said=said)


@never_cache
@require_POST
@of_account
def cancel(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """Cancel one open order, named ``pair:id`` by the button that was pressed."""
    instrument, _, order_id = request.POST.get("order", "").partition(":")
    trouble = ""
    try:
        actions.cancel_order(account, instrument, order_id, actor=person_of(request).actor)
    except OrderRefused as refusal:
        trouble = f"Order {order_id} is not cancelled: {refusal.message}"
    except VenueError as error:
        trouble = of_venue(error).text
    except Refusal as refusal:
        trouble = refusal.text
    said = trouble or f"Order {order_id} is cancelled."
    if _wants_parts(request):
        return _parts(request, account, "orders", said=said, tone="bad" if trouble else "good")
    (messages.error if trouble else messages.success)(request, said)
    return _back(request, account)


@never_cache
@require_POST
@of_account
def give(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """Give paper money, once for the number that the form carries."""
    form, said = GiftForm(request.POST), ""
    if form.is_valid():
        number, currency = form.cleaned_data["number"], form.cleaned_data["currency"]
        try:
            gift = actions.give_money(account, number, currency, actor=person_of(request).actor)
        except Refusal as refusal:
            form.say(refusal)
        else:
            said = f"{gift.amount.normalize():,f} {gift.currency} of paper money given."
    gifts = queries.free_gifts(account)
    fresh = GiftForm(number=gifts[0] if gifts else None, currency=request.POST.get("currency"))
    if not _wants_parts(request):
        if not said:
            return page(request, account, gift_form=form)
        messages.success(request, said)
        return _back(request, account)
    return _parts(
        request,
        account,
        "money",
        status=200 if said else 422,
        gift_form=fresh if said else form,
        gifts_left=len(gifts),
        gifts_a_day=GIFTS_A_DAY,
        said=said,
    )


def _parts(
    request: HttpRequest, account: VenueAccount, name: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """One part of the page, for the script that asked."""
    asked = Asked.of(request)
    codes = queries.codes_of_connections(account.owner_id)
    common = {"account": account, "asked": asked, "codes": codes}
    template = f"authorizations/user/account/_{name}_answer.html"
    return render(request, template, {**common, **context}, status=status)


def _wants_parts(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _back(request: HttpRequest, account: VenueAccount) -> HttpResponse:
    """To the page as it was looked at."""
    asked = Asked.of(request)
    query = {"pair": asked.instrument, "bar": asked.bar}
    return redirect(reverse("authorizations_user:account_page", args=[account.pk], query=query))


def _in_words(order: NewOrder) -> str:
    price = "" if order.price is None else f" at {plain(order.price)}"
    return f"{order.side.capitalize()} {plain(order.size)} {order.instrument}{price}"
