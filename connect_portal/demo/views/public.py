"""Plays a company of the cast in a browser: connect, come back, place an order, disconnect."""

import secrets

import requests
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.demo.cast import COMPANIES
from connect_portal.demo.forms import OrderForm
from connect_portal.demo.playing import KEPT_FOR, Company

VISITOR_COOKIE = "demo_visitor"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def company(request: HttpRequest, key: str) -> HttpResponse:
    """The company's page; a form on it places an order, renews the tokens or disconnects."""
    played = _played(request, key)
    is_order = request.method == "POST" and "order" in request.POST
    form = OrderForm(request.POST if is_order else None)
    if request.method == "POST" and (not is_order or form.is_valid()):
        _act(request, played, form)
        return redirect("demo_public:company", key)
    context = {
        "company": COMPANIES[key],
        "code": played.ours["connect_code"],
        "visit": played.visit,
        "connect_url": f"{settings.PUBLIC_URL}{request.path}connect/",
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "demo/public/company.html", context, status=status)


@never_cache
@require_safe
def connect(request: HttpRequest, key: str) -> HttpResponse:
    """Send the browser to the consent page."""
    visitor = request.COOKIES.get(VISITOR_COOKIE) or secrets.token_urlsafe(24)
    answer = redirect(_played(request, key, visitor).ask_for_consent())
    answer.set_cookie(
        VISITOR_COOKIE,
        visitor,
        max_age=KEPT_FOR,
        path="/demo/",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return answer


@never_cache
@require_safe
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """Where the consent page sends the browser back to."""
    played = _played(request, key)
    try:
        played.come_back(request.GET.dict())
    except requests.RequestException:
        played.visit.trouble = "The portal does not answer. Connect again in a moment."
        played.keep()
    return redirect("demo_public:company", key)


def _act(request: HttpRequest, played: Company, form: OrderForm) -> None:
    played.visit.trouble = ""
    try:
        if not played.visit.tokens:
            return
        if "order" in request.POST:
            played.place(form.order)
        elif "renew" in request.POST:
            played.renew()
        elif "disconnect" in request.POST:
            played.disconnect()
    except requests.RequestException:
        played.visit.trouble = "The portal does not answer. Try again in a moment."
        played.keep()


def _played(request: HttpRequest, key: str, visitor: str = "") -> Company:
    """The company behind the page; 404 where there is no cast to play."""
    if key not in COMPANIES or not (settings.EMBEDDED or settings.DEMO):
        raise Http404
    played = Company(key, visitor or request.COOKIES.get(VISITOR_COOKIE, ""))
    if not played.client["client_secret"]:
        raise Http404
    return played
