"""The token endpoint in OKX's dialect: the standard machine behind other words and numbers.

https://www.okx.com/docs-v5/broker_en/#oauth-mode
"""

import json
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest

from connect_portal.authorizations.enums import Dialect, GrantState
from connect_portal.authorizations.errors import OkxRefusal
from connect_portal.authorizations.models import AuthorizationCode, Client, Grant, RefreshToken
from connect_portal.authorizations.oauth.clients import address_in, comes_from
from connect_portal.authorizations.oauth.exchange import Answer, exchange
from connect_portal.authorizations.oauth.generators import checksum
from connect_portal.authorizations.oauth.server import core
from connect_portal.authorizations.queries import is_secret_of
from connect_portal.kit import bodies

_SECRETS: Final = {"authorization_code": "code", "refresh_token": "refresh_token"}
"""The grant types, and the field whose secret each redeems."""
_OPTIONAL: Final = ("client_secret", "code_verifier", "redirect_uri")
_LONGEST: Final = 2_000
_SHOWN: Final = ("access_token", "refresh_token", "expires_in")

Fields = dict[str, str]


def redeem(request: HttpRequest) -> dict[str, Any]:
    """Tokens for a code or a refresh token, as the bare object of this dialect.

    Raises OkxRefusal; a replay that ends a grant has ended it all the same.
    """
    given = _fields(request)
    grant_type = _wanted(given, "grant_type")
    if grant_type not in _SECRETS:
        raise OkxRefusal("53010", "grant_type")
    names = (_SECRETS[grant_type], "client_id")
    fields = {"grant_type": grant_type, **{name: _wanted(given, name) for name in names}}
    fields |= {name: given[name] for name in _OPTIONAL if given.get(name)}
    _, body, _ = exchange(fields[names[0]], lambda: _ask(request, fields))
    told = json.loads(body)
    if "error" in told:
        raise _refusal(told["error"], fields, request)
    shown = {name: told[name] for name in _SHOWN if name in told}
    return shown | {"token_type": "bearer"}


def _ask(request: HttpRequest, fields: Fields) -> Answer:
    """What the standard machine says; who calls is said in the body and nowhere else."""
    headers = core(Dialect.OKX).extract_headers(request)
    headers.pop("Authorization", None)
    answer: Answer = core(Dialect.OKX).server.create_token_response(
        request.path, "POST", urlencode(fields), headers, None
    )
    return answer


def _fields(request: HttpRequest) -> Fields:
    """What was sent, as JSON or as a form; each value a text that fits."""
    if request.GET:
        raise OkxRefusal("53010", "query")
    if not bodies.is_small(request):
        raise OkxRefusal("53010", "body")
    if request.content_type == "application/x-www-form-urlencoded":
        if not bodies.is_a_form(request):
            raise OkxRefusal("53010", "body")
        pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    else:
        pairs = _json_pairs(request.body)
    for name, value in pairs:
        if not (isinstance(value, str) and value.isascii() and value.isprintable()):
            raise OkxRefusal("53010", _shown(name))
        if len(value) > _LONGEST:
            raise OkxRefusal("53015", _shown(name))
    if len(dict(pairs)) < len(pairs):
        raise OkxRefusal("53010", "body")
    return dict(pairs)


def _json_pairs(body: bytes) -> list[tuple[str, Any]]:
    try:
        # An object becomes its pairs, so that a name that came twice is seen.
        pairs = json.loads(body, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise OkxRefusal("53010", "body") from error
    if not body.lstrip().startswith(b"{"):
        raise OkxRefusal("53010", "body")
    return [(name, "" if value is None else value) for name, value in pairs]


def _wanted(given: Fields, name: str) -> str:
    if not given.get(name):
        raise _missing(name)
    return given[name]


def _shown(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 32 else "body"


def _refusal(error: str, fields: Fields, request: HttpRequest) -> OkxRefusal:
    """What a refusal of the standard machine is called here."""
    if error == "invalid_client":
        return _of_client(fields, request)
    if error == "invalid_dpop_proof":
        return OkxRefusal("53009", "this client takes tokens that are bound to its key only")
    if error == "invalid_grant":
        return _of_code(fields) if "code" in fields else _of_refresh_token(fields)
    return OkxRefusal("53010", "body") if "code_verifier" in fields else _missing("code_verifier")


def _missing(name: str) -> OkxRefusal:
    return OkxRefusal("53011", name)


def _of_client(fields: Fields, request: HttpRequest) -> OkxRefusal:
    """A client that shows its secret is told that it calls from elsewhere, or is frozen; nobody
    else learns anything."""
    if not is_secret_of(fields["client_id"], fields.get("client_secret", "")):
        return OkxRefusal("53010", "client_id or client_secret")
    client = Client.objects.get(client_id=fields["client_id"])
    if not comes_from(client, request.META):
        return OkxRefusal("53014", address_in(request.META))
    return OkxRefusal("53004")


def _of_code(fields: Fields) -> OkxRefusal:
    rows = AuthorizationCode.objects.filter(
        code=checksum(fields["code"]),
        application__client_id=fields["client_id"],
        dialect=Dialect.OKX,
    )
    row = rows.select_related("grant__person").first()
    if row is None or row.used_at is not None or row.is_expired():
        return OkxRefusal("53012")
    if number := _of_grant(row.grant, ended="53001"):
        return OkxRefusal(number)
    if fields.get("redirect_uri", row.redirect_uri) != row.redirect_uri:
        return OkxRefusal("53016")
    return OkxRefusal("53009", "code_verifier does not fit the code")


def _of_refresh_token(fields: Fields) -> OkxRefusal:
    rows = RefreshToken.objects.filter(
        token_checksum=checksum(fields["refresh_token"]),
        application__client_id=fields["client_id"],
    )
    row = rows.select_related("grant__person").first()
    if row is None or row.revoked is not None:
        return OkxRefusal("53005")
    return OkxRefusal(_of_grant(row.grant, ended="53003") or "53002")


def _of_grant(grant: Grant, *, ended: str) -> str:
    """What is wrong with a grant; "" if it is nothing but time."""
    if grant.state == GrantState.ENDED:
        return ended
    return "" if grant.person.is_active else "53004"
