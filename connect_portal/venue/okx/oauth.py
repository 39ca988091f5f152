"""The venue's own OAuth, with the portal as its client: one blocking request a call.

https://www.okx.com/docs-v5/broker_en/#oauth-mode
"""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import msgspec

from connect_portal.kit.clock import now
from connect_portal.venue.errors import MalformedAnswer
from connect_portal.venue.okx import shapes
from connect_portal.venue.okx.errors import refusal, unreadable
from connect_portal.venue.transport import Answer, exchange
from connect_portal.venue.types import TokenPair

AUTHORIZE = "/account/oauth"
TOKEN = "/v5/users/oauth/token"


class _Told(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: int | str


@dataclass(frozen=True, slots=True)
class OkxOAuth:
    """What a registered client may ask of the venue: ``web_url`` is where people consent,
    ``base_url`` the host of the v5 wire."""

    web_url: str
    base_url: str
    client_id: str
    client_secret: str = field(repr=False)

    def authorize_url(self, *, redirect_uri: str, scopes: tuple[str, ...], state: str) -> str:
        """Where a browser goes to consent at the venue."""
        query = {
            "response_type": "code",
            "access_type": "offline",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": ",".join(scopes),
            "state": state,
        }
        return f"{self.web_url}{AUTHORIZE}?{urlencode(query)}"

    def trusts(self, domain: str) -> bool:
        """Whether ``domain``, which a browser brings back, is this venue's: the host of the wire
        or of the consent page. Nothing is ever sent to one that is not."""
        return _origin(domain) in {_origin(self.web_url), _origin(self.base_url)}

    def redeem(self, code: str) -> TokenPair:
        """The first pair for a code. Raises VenueError."""
        return self._ask({"grant_type": "authorization_code", "code": code})

    def refresh(self, refresh_token: str) -> TokenPair:
        """The next pair; the one before dies at once. Raises VenueError: KeyRefused when the
        consent is over."""
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _ask(self, fields: dict[str, str]) -> TokenPair:
        who = {"client_id": self.client_id, "client_secret": self.client_secret}
        asked_at = now()
        answer = exchange(
            "POST",
            self.base_url + TOKEN,
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode(fields | who),
            repeatable=False,
        )
        told = _understood(answer)
        lifetime = timedelta(seconds=int(told.expires_in))
        return TokenPair(told.access_token, told.refresh_token, asked_at + lifetime)


def _understood(answer: Answer) -> _Told:
    try:
        if answer.status == 200:
            return msgspec.json.decode(answer.body, type=_Told)
    except (msgspec.MsgspecError, ValueError):
        pass  # a refusal may come with this status too
    try:
        heading = shapes.HEADING.decode(answer.body)
    except (msgspec.MsgspecError, ValueError) as error:
        raise unreadable(answer, str(error)) from error
    if str(heading.code) == "0":
        raise MalformedAnswer("neither tokens nor a refusal")
    raise refusal(str(heading.code), heading.msg or "", answer)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
