"""The access log holds no secret that came in an address."""

import logging

import pytest

from connect_portal.kit.logs import harmless


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/user/", "/user/"),
        ("/user/?page=2", "/user/?…"),
        ("/oauth/venue/callback/?code=abc&state=d", "/oauth/venue/callback/?…"),
        ("/invitations/Zk3-9aQ_xT0pLwYhUuBv12/", "/invitations/Zk3-…/"),
        (
            "/accounts/password/reset/key/1-c9v2zw-4f1e9b5c0f7d/",
            "/accounts/password/reset/key/1-c9…/",
        ),
        ("/accounts/confirm-email/MQ:1vN8aB:Zk39aQxT0pLwYh/", "/accounts/confirm-email/MQ:1…/"),
        ("/api/v5/trade/orders-history-archive", "/api/v5/trade/orders-history-archive"),
        ("/institution/acme/statements/12.json", "/institution/acme/statements/12.json"),
    ],
)
def test_an_address_is_kept_without_its_query_and_its_tokens(address: str, kept: str) -> None:
    assert harmless(address) == kept


def test_the_web_process_filters_what_its_server_says_of_requests(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    import connect_portal.asgi  # noqa: F401  (what it sets up is what is looked at)

    said = logging.getLogger("uvicorn.access")
    said.addHandler(caplog.handler)
    try:
        line = '%s - "%s %s HTTP/%s" %d'
        said.warning(line, "127.0.0.1:1", "GET", "/oauth/venue/callback/?code=hush", "1.1", 200)
    finally:
        said.removeHandler(caplog.handler)
    assert "/oauth/venue/callback/?…" in caplog.text
    assert "hush" not in caplog.text
