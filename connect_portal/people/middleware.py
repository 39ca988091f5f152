"""No work for staff without a second factor, whatever page they ask for."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from connect_portal.people.second_factor import Step, missing_step

_ALWAYS_OPEN = frozenset(
    {
        "institutions_public:home",
        "people_public:healthz",
        "account_login",
        "account_logout",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    }
)
_OPEN_FOR = {
    Step.SHOW: _ALWAYS_OPEN,
    Step.SHOW_PASSKEY: _ALWAYS_OPEN,
    Step.SET_UP: _ALWAYS_OPEN
    | {
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
    },
}


class StaffSecondFactorMiddleware:
    """Sends staff to the page of their missing step; everybody else passes.

    Until the factor is shown, the pages that could remove or replace it stay shut too: a stolen
    password must not be enough to set up another one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer with a redirect, or let the view speak."""
        step = missing_step(request)
        if step is None or self._page(request) in _OPEN_FOR[step]:
            return None
        return redirect_to_login(request.get_full_path(), reverse(step))

    def _page(self, request: HttpRequest) -> str:
        return request.resolver_match.view_name if request.resolver_match else ""
