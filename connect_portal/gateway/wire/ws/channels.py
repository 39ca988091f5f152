"""Which channels can be listened to on which path. Where the account does not matter the venue
judges; where it does only what is listed here passes.

https://www.okx.com/docs-v5/en/#overview-websocket-subscribe
"""

from typing import Any, Final

from connect_portal.gateway.errors import Refused

PRIVATE, PUBLIC, BUSINESS = "private", "public", "business"
PATHS: Final = frozenset((PRIVATE, PUBLIC, BUSINESS))
OF_THE_ACCOUNT: Final = frozenset(("account", "balance_and_position", "fills", "orders"))
_OF_STRATEGIES: Final = ("algo-", "grid-", "orders-algo")


def check(path: str, argument: dict[str, Any]) -> None:
    """Whether a subscription may go to the venue.

    Raises Refused: 60012 no channel named, 50030 strategies, 64002 an account's channel on the
    business path, 60018 one that is not here.
    """
    channel = argument.get("channel")
    if not isinstance(channel, str):
        raise Refused("60012", "args must name a channel")
    if channel.startswith(_OF_STRATEGIES):
        raise Refused("50030")
    is_of_account = channel in OF_THE_ACCOUNT
    if is_of_account and path == BUSINESS:
        raise Refused("64002")
    if is_of_account != (path == PRIVATE):
        raise Refused("60018", f"channel:{channel[:40]}")
