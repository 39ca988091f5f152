"""The endpoints that programs call: pushed requests, token, revocation, introspection, discovery.

RFC 9126, 6749, 7009, 7662, 8414. A client shows its secret by Basic or in the form, a public one
says who it is; nothing is ever taken from the query string, and nothing is said twice.
"""

from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from connect_portal.authorizations.enums import OVER_THE_GATEWAY, Scope
from connect_portal.authorizations.errors import ProofRefused
from connect_portal.authorizations.models import AccessToken, Client, RefreshToken
from connect_portal.authorizations.oauth import details, pushed, requests
from connect_portal.authorizations.oauth.dpop import ALGORITHMS, check_proof
from connect_portal.authorizations.oauth.exchange import exchange
from connect_portal.authorizations.oauth.server import client_behind, core, tokens
from connect_portal.authorizations.oauth.validator import is_in_force, token_of
from connect_portal.authorizations.queries import logo_of
from connect_portal.kit import bodies

SECRET_METHODS: Final = ["client_secret_basic", "client_secret_post"]
AUTH_METHODS: Final = [*SECRET_METHODS, "none"]
NOT_PUSHED: Final = ("client_secret", "client_id")


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Redeem a code, or a refresh token, for a pair of tokens."""
    if wrong := _malformed(request):
        return wrong
    try:
        jkt = _proven(request, "authorizations_machine:token")
    except ProofRefused as refused:
        return _error("invalid_dpop_proof", 400, refused.text)
    secret = request.POST.get("code") or request.POST.get("refresh_token") or ""
    headers, body, status = exchange(secret, lambda: tokens(request, jkt))
    return _answer(body, status, headers)


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_POST
def par(request: HttpRequest) -> HttpResponse:
    """Keep an authorization request until the browser comes with its reference (RFC 9126, 2)."""
    if wrong := _malformed(request):
        return wrong
    try:
        client = client_behind(request, or_public=True)
        if client is None:
            return _error("invalid_client", 401)
        parameters = _pushed(request, client)
        requests.check(parameters)
    except ProofRefused as refused:
        return _error("invalid_dpop_proof", 400, refused.text)
    except OAuth2Error as error:
        return _error(error.error or "invalid_request", 400, error.description or "")
    except ValueError:
        return _error("invalid_request", 400)
    answer = {"request_uri": pushed.push(client, parameters), "expires_in": pushed.SECONDS}
    return JsonResponse(answer, status=201)


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
    try:
        client = client_behind(request)
    except OAuth2Error as error:
        return _error("invalid_request", 400, error.description or "")
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
@cache_control(public=True, max_age=300)
def logo(request: HttpRequest, client_id: str) -> HttpResponse:
    """A client's picture, as what it was checked to be and nothing else."""
    found = logo_of(client_id)
    if found is None:
        raise Http404
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{found.checksum}"',
    }
    return HttpResponse(bytes(found.content), content_type=found.media_type, headers=headers)


@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """What this server is and where its endpoints are (RFC 8414)."""
    return JsonResponse(
        {
            "issuer": settings.PUBLIC_URL,
            "authorization_endpoint": _address("authorizations_consent_user:authorize"),
            "pushed_authorization_request_endpoint": _address("authorizations_machine:par"),
            "require_pushed_authorization_requests": False,
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
            "introspection_endpoint_auth_methods_supported": SECRET_METHODS,
            "dpop_signing_alg_values_supported": list(ALGORITHMS),
            "authorization_details_types_supported": [details.TYPE],
            "authorization_response_iss_parameter_supported": True,
        }
    )


def _description(found: AccessToken | RefreshToken, client: Client) -> dict[str, Any]:
    """RFC 7662, 2.2: the grant stands for its person, who is not named. The limits that the person
    has set by now come along (RFC 9396, 9.2)."""
    told: dict[str, Any] = {
        "active": True,
        "client_id": client.client_id,
        "sub": f"grant:{found.grant_id}",
        "iss": settings.PUBLIC_URL,
        "iat": int(found.created.timestamp()),
    } | ({"cnf": {"jkt": found.jkt}} if found.jkt else {})
    if isinstance(found, RefreshToken):
        told |= {"scope": " ".join(found.grant.scopes), "token_type": "refresh_token"}
    else:
        told |= {
            "scope": found.scope,
            "token_type": "DPoP" if found.jkt else "Bearer",
            "exp": int(found.expires.timestamp()),
        }
    if Scope.TRADE in told["scope"].split():
        told["authorization_details"] = details.granted_by(found.grant)
    return told


def _proven(request: HttpRequest, endpoint: str) -> str:
    """The key whose proof came along, "" without one. Raises ProofRefused; two proofs are none
    (RFC 9449, 4.3)."""
    proof = request.headers.get("DPoP")
    if proof is None:
        return ""
    return check_proof(proof, method="POST", url=_address(endpoint))


def _pushed(request: HttpRequest, client: Client) -> dict[str, str]:
    """What the client pushes, in its own name. A proof that comes along names the key that the
    code is bound to (RFC 9449, 10.1). Raises ProofRefused, InvalidRequestError."""
    given = {name: str(text) for name, text in request.POST.items() if name not in NOT_PUSHED}
    if "request_uri" in given:
        raise InvalidRequestError("A pushed request names no other.")
    jkt = _proven(request, "authorizations_machine:par")
    if jkt and given.setdefault("dpop_jkt", jkt) != jkt:
        raise InvalidRequestError("dpop_jkt names another key than the proof.")
    return {"client_id": client.client_id} | given


def _malformed(request: HttpRequest) -> HttpResponse | None:
    """Refuse what cannot be read, or in two ways: a query string, a parameter sent twice."""
    if not bodies.is_small(request):
        return _error("invalid_request", 413, "The body is too large.")
    if not bodies.is_a_form(request):
        return _error("invalid_request", 400, "The body cannot be read.")
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
