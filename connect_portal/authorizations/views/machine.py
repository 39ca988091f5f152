"""The endpoints that programs call: token, revocation, introspection, discovery.

RFC 6749, 7009, 7662, 8414. A client shows its secret by Basic or in the form; nothing is ever
taken from the query string, and nothing is said twice.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from connect_portal.authorizations.enums import OVER_THE_GATEWAY
from connect_portal.authorizations.models import AccessToken, Client, RefreshToken
from connect_portal.authorizations.oauth import details, locks
from connect_portal.authorizations.oauth.server import client_behind, core
from connect_portal.authorizations.oauth.validator import is_in_force, token_of

AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Redeem a code, or a refresh token, for a pair of tokens."""
    if wrong := _malformed(request):
        return wrong
    with transaction.atomic():
        locks.claim(request.POST.get("code") or request.POST.get("refresh_token") or "")
        _, headers, body, status = core().create_token_response(request)
    return _answer(body, status, headers)


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End the grant of one of the client's own tokens; 200 for any other text (RFC 7009, 2.2)."""
    if wrong := _malformed(request):
        return wrong
    _, headers, body, status = core().create_revocation_response(request)
    return _answer(body, status, headers)


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """What one of the client's own tokens is worth now; of any other it is inactive."""
    if wrong := _malformed(request):
        return wrong
    client = client_behind(request)
    if client is None:
        return _error("invalid_client", 401)
    text = request.POST.get("token", "")
    if not text:
        return _error("invalid_request", 400, "The token is missing.")
    found = token_of(text, client)
    if found is None or not is_in_force(found):
        return JsonResponse({"active": False})
    return JsonResponse(_description(found, client))


@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """What this server is and where its endpoints are (RFC 8414)."""
    return JsonResponse(
        {
            "issuer": settings.PUBLIC_URL,
            "authorization_endpoint": _address("authorizations_consent_user:authorize"),
            "token_endpoint": _address("authorizations_machine:token"),
            "revocation_endpoint": _address("authorizations_machine:revoke"),
            "introspection_endpoint": _address("authorizations_machine:introspect"),
            "scopes_supported": list(OVER_THE_GATEWAY),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": AUTH_METHODS,
            "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
            "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
            "authorization_details_types_supported": [details.TYPE],
            "authorization_response_iss_parameter_supported": True,
        }
    )


def _description(found: AccessToken | RefreshToken, client: Client) -> dict[str, Any]:
    """RFC 7662, 2.2: the grant stands for its person, who is not named."""
    told = {
        "active": True,
        "client_id": client.client_id,
        "sub": f"grant:{found.grant_id}",
        "iss": settings.PUBLIC_URL,
        "iat": int(found.created.timestamp()),
    }
    if isinstance(found, RefreshToken):
        return told | {"scope": " ".join(found.grant.scopes), "token_type": "refresh_token"}
    expires = int(found.expires.timestamp())
    return told | {"scope": found.scope, "token_type": "Bearer", "exp": expires}


def _malformed(request: HttpRequest) -> HttpResponse | None:
    """Refuse what could be read in two ways: a query string, a parameter sent twice."""
    if request.GET:
        return _error("invalid_request", 400, "Parameters belong in the body.")
    twice = [name for name, values in request.POST.lists() if len(values) > 1]
    return _error("invalid_request", 400, "A parameter came twice.") if twice else None


def _error(code: str, status: int, description: str = "") -> HttpResponse:
    body = {"error": code} | ({"error_description": description} if description else {})
    headers = {"WWW-Authenticate": 'Basic realm="oauth"'} if status == 401 else {}
    return JsonResponse(body, status=status, headers=headers)


def _answer(body: str | None, status: int, headers: dict[str, str]) -> HttpResponse:
    answer = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        answer[name] = value
    if status == 401:
        answer["WWW-Authenticate"] = 'Basic realm="oauth"'
    return answer


def _address(name: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name)}"
