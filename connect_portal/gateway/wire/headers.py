"""Headers as ASGI gives them: pairs of bytes, names in lower case, one name perhaps twice."""

from collections.abc import Iterable
from typing import TypeAlias

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]


def every(headers: Headers, name: bytes) -> list[str]:
    """The texts of all headers of that name, in order."""
    return [value.decode("latin-1") for one, value in headers if one == name]


def first(headers: Headers, name: bytes) -> str:
    """The text of the first header of that name, "" where there is none."""
    for one, value in headers:
        if one == name:
            return value.decode("latin-1")
    return ""
