"""Declared parameters: what each endpoint reads, of which shape. Handlers get clean values.

`""` and `null` mean absent and unknown names are ignored, as on the real wire. Values are read
from query texts and from JSON, so numbers and booleans may come as such or as text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from connect_portal.sandbox.engine.units import PLAIN_NUMBER
from connect_portal.sandbox.wire.errors import WireError

Values = dict[str, Any]
WORD = re.compile(r"[A-Za-z0-9 ,._/:-]*", re.ASCII)
DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)
LARGEST_ID = 2**63
MISSING = object()
WORDS_KEPT = 1024


@dataclass(frozen=True)
class Param:
    """One parameter: its name on the wire, how to read its text, what absence means.

    `read` raises ValueError or KeyError for a text of another shape.
    """

    name: str
    read: Callable[[str], Any]
    required: bool = False
    default: Any = ""


class Shape:
    """A set of declared parameters, prepared once so that reading touches only what was given."""

    def __init__(self, *params: Param) -> None:
        self.params = {param.name: param for param in params}
        self._reads = {param.name: param.read for param in params}
        self._required = [param.name for param in params if param.required]
        self._absent = {p.name: MISSING if p.required else p.default for p in params}

    def read(self, given: Mapping[str, Any]) -> Values:
        """The declared values of `given`. Raises 50014 (missing) or 51000 (wrong shape)."""
        values, reads = self._absent.copy(), self._reads
        for name, value in given.items() if reads else ():
            read = reads.get(name)
            if read is None:
                continue
            text = value if type(value) is str else _text(value, name)
            if text:
                try:
                    values[name] = read(text)
                except (ValueError, KeyError) as error:
                    raise WireError("51000", name) from error
        for name in self._required:
            if values[name] is MISSING:
                raise WireError("50014", name)
        return values


def word(name: str, *, required: bool = False, longest: int = 64) -> Param:
    """A printable ASCII word such as an instrument id or a currency list."""

    @lru_cache(WORDS_KEPT)  # few are in use, and each is asked for again and again
    def matching(text: str) -> str:
        if len(text) > longest or not WORD.fullmatch(text):
            raise ValueError(text)
        return text

    return Param(name, matching, required)


def code(name: str, *, longest: int = 32) -> Param:
    """ASCII letters and digits, case kept: clOrdId, tag, reqId."""

    def letters_and_digits(text: str) -> str:
        if len(text) > longest or not (text.isascii() and text.isalnum()):
            raise ValueError(text)
        return text

    return Param(name, letters_and_digits)


def choice(name: str, *options: str, required: bool = False, default: str = "") -> Param:
    """One of the given words."""
    return Param(name, {word: word for word in options}.__getitem__, required, default)


def number(name: str, *, required: bool = False, market: bool = False, zero: bool = False) -> Param:
    """A plain positive decimal, kept as text; with `market` also "-1", with `zero` also "0"."""

    def plain_number(text: str) -> str:
        if market and text == "-1":
            return text
        if PLAIN_NUMBER.fullmatch(text) and (zero or text.strip("0.")):
            return text if text.strip("0.") else "0"
        raise ValueError(text)

    return Param(name, plain_number, required)


def whole(name: str, *, required: bool = False, default: int = 0) -> Param:
    """A non-negative whole number below 2**63: an id, a cursor, a time in milliseconds."""

    def digits(text: str) -> int:
        if not DIGITS.fullmatch(text) or int(text) >= LARGEST_ID:
            raise ValueError(text)
        return int(text)

    return Param(name, digits, required, default)


def limit(most: int = 100, default: int = 100) -> Param:
    """How many rows: at least 1; more than the most there is means the most."""

    def rows(text: str) -> int:
        if not DIGITS.fullmatch(text) or int(text) < 1:
            raise ValueError(text)
        return min(int(text), most)

    return Param("limit", rows, default=default)


def flag(name: str) -> Param:
    """A boolean, as JSON or as text."""
    return Param(name, {"true": True, "false": False}.__getitem__, default=False)


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < 10**20:
        return str(value)
    raise WireError("51000", name)
