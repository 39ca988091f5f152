"""Writing for a printer that sets one glyph after the other, from left to right.

Arabic letters take the shape that their neighbours ask for (Unicode's presentation forms), and
what runs from right to left is turned round (a plain reading of Unicode Annex 9: runs, no nesting).
"""

import unicodedata
from functools import cache
from typing import Final

_FORMS: Final = {"<isolated>": 0, "<final>": 1, "<initial>": 2, "<medial>": 3}
_FROM_RIGHT: Final = ("R", "AL")
_MIRRORED: Final = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def as_drawn(text: str) -> str:
    """``text`` in the order and the shapes in which its glyphs are drawn."""
    if not any(unicodedata.bidirectional(char) in _FROM_RIGHT for char in text):
        return text
    drawn, run = "", ""
    for char in _shaped(text):
        way = unicodedata.bidirectional(char)
        if way in _FROM_RIGHT or (run and way in ("WS", "ON", "CS", "NSM", "BN")):
            run += char
        else:
            drawn += _turned(run) + char
            run = ""
    return drawn + _turned(run)


def _turned(run: str) -> str:
    """A run from right to left as drawn, its brackets mirrored; spaces after it stay after it."""
    kept = run.rstrip()
    return kept[::-1].translate(_MIRRORED) + run[len(kept) :]


def _shaped(text: str) -> str:
    """Every Arabic letter in the form that its neighbours ask for."""
    shaped = []
    for place, char in enumerate(text):
        forms = _shapes().get(char)
        if forms is None:
            shaped.append(char)
            continue
        joins_before = place > 0 and _joins_on(text[place - 1]) and forms[1] is not None
        joins_after = place + 1 < len(text) and _joins_on(char) and _is_joined(text[place + 1])
        shaped.append(forms[joins_before + 2 * joins_after] or char)
    return "".join(shaped)


def _joins_on(char: str) -> bool:
    """Whether a letter reaches out to the one after it."""
    forms = _shapes().get(char)
    return forms is not None and forms[2] is not None


def _is_joined(char: str) -> bool:
    """Whether a letter can be reached by the one before it."""
    forms = _shapes().get(char)
    return forms is not None and forms[1] is not None


@cache
def _shapes() -> dict[str, list[str | None]]:
    """The isolated, final, initial and medial form of each Arabic letter, as far as it has them."""
    found: dict[str, list[str | None]] = {}
    for point in (*range(0xFB50, 0xFBB2), *range(0xFE80, 0xFEF5)):
        form, _, letter = unicodedata.decomposition(chr(point)).partition(" ")
        if form in _FORMS and " " not in letter:
            found.setdefault(chr(int(letter, 16)), [None] * 4)[_FORMS[form]] = chr(point)
    return found
