"""A person of the cast with a browser of their own, by HTTP: signs in and consents."""

import base64
import hashlib
import re
import secrets
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from django.conf import settings

from connect_portal.demo.errors import SiteAway
from connect_portal.demo.queries import SCOPES, card

TIMEOUT: Final = 15
_FORM_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ACCOUNT: Final = re.compile(r'<select name="account".*?<option value="(\d+)"', re.DOTALL)


class Visitor:
    """Somebody who has signed in. Every step raises SiteAway when the site is not as expected."""

    def __init__(self, email: str, password: str) -> None:
        self.browser = requests.Session()
        login = f"{settings.PUBLIC_URL}/accounts/login/"
        answer = self._submit(login, self._get(login), {"login": email, "password": password})
        if "/accounts/login" in answer.headers.get("Location", "/accounts/login"):
            raise SiteAway(url=settings.PUBLIC_URL, what=f"{email} cannot sign in")

    def consent(self, client_id: str, redirect_uri: str) -> tuple[str, str]:
        """Allow a client what it asks; the code that it is answered with, and its verifier."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPES,
            "state": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        url = f"{card()['oauth']['authorize_url']}?{urlencode(asked)}"
        page = self._get(url)
        chosen: dict[str, Any] = {"scopes": SCOPES.split(), "days": "30", "decision": "allow"}
        if account := _ACCOUNT.search(page):
            chosen["account"] = account[1]
        back = self._submit(url, page, chosen).headers.get("Location", "")
        code = parse_qs(urlsplit(back).query).get("code")
        if not code:
            raise SiteAway(url=settings.PUBLIC_URL, what="the consent was not given")
        return code[0], verifier

    def _get(self, url: str) -> str:
        try:
            return self.browser.get(url, timeout=TIMEOUT).text
        except requests.RequestException as error:
            raise SiteAway(url=settings.PUBLIC_URL, what=type(error).__name__) from error

    def _submit(self, url: str, page: str, values: dict[str, Any]) -> requests.Response:
        token = _FORM_TOKEN.search(page)
        if token is None:
            raise SiteAway(url=url, what="there is no form")
        form = values | {"csrfmiddlewaretoken": token[1]}
        headers = {"Referer": url}
        try:
            return self.browser.post(
                url, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise SiteAway(url=settings.PUBLIC_URL, what=type(error).__name__) from error
