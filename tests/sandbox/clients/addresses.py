"""How each library is told to call the sandbox instead of OKX; nothing else of it is changed."""

from typing import Any

from tests.sandbox.conftest import Sandbox, Trader


def ccxt_options(sandbox: Sandbox, trader: Trader, **more: Any) -> dict[str, Any]:
    """Constructor options; the venue's limits are tried, so the library's own waiting is off."""
    address = {"rest": sandbox.base_url, "ws": sandbox.ws_url}
    return {
        "apiKey": trader.api_key,
        "secret": trader.secret,
        "password": trader.passphrase,
        "urls": {"api": address, "test": address},
        "enableRateLimit": False,
        **more,
    }
