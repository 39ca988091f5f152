"""The patterns of these tests see what they look for, and nothing else."""

import pytest

from tests.architecture.test_tidy import INLINE
from tests.architecture.test_words import WIRE_WORDS, parts


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("<script>go()</script>", {"inline script"}),
        ('<script type="module">go()</script>', {"inline script"}),
        ('<script defer src="/static/a.js"></script>', set()),
        ('<script id="data" type="application/json">{}</script>', set()),
        ("<style>p {}</style>", {"inline style"}),
        ('<p class="a"\n   style="color: red">', {"inline style"}),
        ('<p data-style="x" class="style">style = manner</p>', set()),
        ('<button onclick="go()">', {"inline handler"}),
        ('<a href="javascript:go()">', {"inline handler"}),
        ('<a href="/on/click?on=1" data-on="x">once = on</a>', set()),
    ],
)
def test_inline_code_is_seen(markup: str, seen: set[str]) -> None:
    assert {what for what, pattern in INLINE.items() if pattern.search(markup)} == seen


def test_identifiers_fall_into_words() -> None:
    assert {"http", "broker", "id"} <= parts("HTTPBrokersId")
    assert {"end", "user", "deal"} <= parts("end_user_deals")
    assert "deal" not in parts("ideal")


def test_wire_words_are_whole_words() -> None:
    assert WIRE_WORDS.findall("ordId, clOrdId and word_ordIds") == ["ordId", "clOrdId"]
