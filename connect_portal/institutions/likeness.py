"""Whether two names could be meant for one another. Pure Python.

Names are compared by what a reader sees: without case, accents and punctuation, with letters of
other scripts as the Latin ones they look like, without the words for a company's legal form.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from connect_portal.facts import legal_forms, lookalikes

_NEAR_IN_PERCENT: Final = 88
"""How much of two names has to agree: one letter in eight may differ, or two in a long name."""
_LONG_ENOUGH: Final = 6
"""Shorter names differ by a letter because they are different names."""
_END: Final = 4
"""How many letters of a word's beginning or end make two names worth comparing."""


@lru_cache(maxsize=100_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name as a reader sees them, in alphabetical order."""
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(one for one in bare if not unicodedata.combining(one))
    seen = "".join(one if one.isalnum() or one == "|" else " " for one in letters)
    plain = [word for word in seen.split() if word not in legal_forms()] or seen.split()
    return tuple(sorted(word.translate(lookalikes()) for word in plain))


def is_like(name: str, other: str) -> bool:
    """Whether two names read alike: the same words in any order, or all but a letter or two."""
    ours, theirs = words_of(name), words_of(other)
    if not ours or not theirs:
        return False
    return ours == theirs or _is_near("".join(ours), "".join(theirs))


class Names:
    """A list of names in which one that reads alike is found without reading them all.

    Two names are compared when they share a word, or how a word begins or ends.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_key: dict[str, list[str]] = defaultdict(list)
        for name in names:
            for key in _keys(name):
                self._by_key[key].append(name)

    def likest(self, name: str) -> str | None:
        """The first name of the list that reads like ``name``."""
        near = dict.fromkeys(one for key in _keys(name) for one in self._by_key.get(key, ()))
        return next((one for one in near if is_like(name, one)), None)


def _keys(name: str) -> Iterator[str]:
    for word in words_of(name):
        yield word
        yield f"{word[:_END]}…"
        yield f"…{word[-_END:]}"


def _is_near(ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    if min(len(ours), len(theirs)) < _LONG_ENOUGH or abs(len(ours) - len(theirs)) > 2:
        return False
    shared = SequenceMatcher(None, ours, theirs, autojunk=False)
    return all(
        ratio() * 100 >= _NEAR_IN_PERCENT
        for ratio in (shared.real_quick_ratio, shared.quick_ratio, shared.ratio)
    )
