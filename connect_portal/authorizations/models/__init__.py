"""Tables of this room: venue accounts and their pages, API-key bindings, OAuth clients, grants and
tokens."""

from connect_portal.authorizations.models.accounts import VenueAccount, VenueKey
from connect_portal.authorizations.models.bindings import Binding
from connect_portal.authorizations.models.clients import (
    Client,
    ClientLogo,
    ClientSecret,
    RedirectProposal,
    RedirectURI,
)
from connect_portal.authorizations.models.endings import Ending
from connect_portal.authorizations.models.grants import FOR_FAST_API, Grant
from connect_portal.authorizations.models.pages import Gift, PageKey
from connect_portal.authorizations.models.rebates import RebateAnswer
from connect_portal.authorizations.models.receipts import Letter, Receipt
from connect_portal.authorizations.models.tokens import (
    AccessToken,
    AuthorizationCode,
    IDToken,
    PushedRequest,
    RefreshToken,
)
from connect_portal.authorizations.models.uses import Cancellation, UsedFrom

__all__ = [
    "FOR_FAST_API",
    "AccessToken",
    "AuthorizationCode",
    "Binding",
    "Cancellation",
    "Client",
    "ClientLogo",
    "ClientSecret",
    "Ending",
    "Gift",
    "Grant",
    "IDToken",
    "Letter",
    "PageKey",
    "PushedRequest",
    "RebateAnswer",
    "Receipt",
    "RedirectProposal",
    "RedirectURI",
    "RefreshToken",
    "UsedFrom",
    "VenueAccount",
    "VenueKey",
]
