"""The signature of the v5 wire, against known answers."""

from datetime import UTC, datetime

import pytest

from connect_portal.venue.okx.sign import login_argument, rest_headers, signature
from connect_portal.venue.types import Credentials

CREDENTIALS = Credentials("key", "mock-secret", "pass")
MOMENT = datetime(2020, 12, 8, 9, 8, 57, 715_999, tzinfo=UTC)
ORDER = (
    '{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"100","sz":"0.01"}'
)


@pytest.mark.parametrize(
    ("timestamp", "method", "target", "body", "expected"),
    [
        (
            "2020-12-08T09:08:57.715Z", "GET", "/api/v5/account/balance", "",
            "tpQYvXdaAfU8ae6zI1rJ2xVcyMIk9BKWK/fysaanweQ=",
        ),
        (
            "2020-12-08T09:08:57.715Z", "GET", "/api/v5/account/balance?ccy=BTC", "",
            "pS6nHuBl6Qc9S0h+soCkCVHaVHZzS19KqFpeI/doTlE=",
        ),
        (
            "2020-12-08T09:08:57.715Z", "POST", "/api/v5/trade/order", ORDER,
            "fLwztVhlLAYjKqD/sH4gkZHJ8WXEmbWzXnTJjmS2VX0=",
        ),
        (
            "1538054050", "GET", "/users/self/verify", "",
            "Dmtp4TyTAO5yzuAvNFiwYvL5V3PEzvf8T2Y3IQaXs+8=",
        ),
    ],
)  # fmt: skip
def test_signature_equals_the_known_answer(
    timestamp: str, method: str, target: str, body: str, expected: str
) -> None:
    assert signature("mock-secret", timestamp, method, target, body) == expected


def test_rest_headers_carry_milliseconds_cut_not_rounded() -> None:
    headers = rest_headers(CREDENTIALS, "GET", "/api/v5/account/balance", now=MOMENT)
    assert headers == {
        "OK-ACCESS-KEY": "key",
        "OK-ACCESS-SIGN": "tpQYvXdaAfU8ae6zI1rJ2xVcyMIk9BKWK/fysaanweQ=",
        "OK-ACCESS-TIMESTAMP": "2020-12-08T09:08:57.715Z",
        "OK-ACCESS-PASSPHRASE": "pass",
    }


def test_login_is_signed_over_whole_seconds() -> None:
    argument = login_argument(CREDENTIALS, now=datetime.fromtimestamp(1538054050.9, UTC))
    assert argument == {
        "apiKey": "key",
        "passphrase": "pass",
        "timestamp": "1538054050",
        "sign": "Dmtp4TyTAO5yzuAvNFiwYvL5V3PEzvf8T2Y3IQaXs+8=",
    }


def test_credentials_do_not_show_what_could_sign() -> None:
    shown = repr(Credentials("key-1", "hush", "whisper"))
    assert "key-1" in shown
    assert "hush" not in shown
    assert "whisper" not in shown
