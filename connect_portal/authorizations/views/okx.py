"""OKX's OAuth dialect: its consent address and its token endpoint.

https://www.okx.com/docs-v5/broker_en/#oauth-mode. The page and the rules are those of the
standard dialect; addresses, words and numbers are OKX's.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from connect_portal.authorizations.errors import OkxRefusal
from connect_portal.authorizations.oauth import okx_requests, okx_tokens
from connect_portal.authorizations.views import consent


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the person behind the browser, as `consent.authorize` does."""
    return consent.ask(request, okx_requests.read)


@csrf_exempt
@never_cache
@sensitive_post_parameters()
def token(request: HttpRequest) -> HttpResponse:
    """Redeem a code, or a refresh token: the bare OAuth object, or OKX's envelope around a
    refusal."""
    try:
        if request.method != "POST":
            raise OkxRefusal("50115")
        return _compact(okx_tokens.redeem(request))
    except OkxRefusal as refusal:
        body = {"code": refusal.number, "data": [], "msg": refusal.text}
        return _compact(body, refusal.status)


def _compact(body: Mapping[str, object], status: int = 200) -> HttpResponse:
    return JsonResponse(body, status=status, json_dumps_params={"separators": (",", ":")})
