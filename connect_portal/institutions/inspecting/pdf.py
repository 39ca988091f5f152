"""Whether a PDF is whole, open to read, and carries nothing that acts (ISO 32000-1). Pure Python.

It is not parsed but searched, since a parser can be led astray: names are looked for in all of its
bytes and in everything in it that inflates, whatever the file says about itself.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Final

MOST_INFLATED: Final = 128 * 2**20
"""Bytes that everything compressed in a document may come to; a bomb is more."""
_PIECE: Final = 64 * 1024
_OVERLAP: Final = 64
"""More than the longest name, each letter of it escaped."""
_END: Final = 2_048
_ONE_AT_A_TIME: Final = Lock()


def _spelled(name: bytes) -> bytes:
    """A pattern for a name, each of whose letters may be written like ``#4a`` (7.3.5)."""
    return b"".join(
        b"(?:%c|#%s[%s])" % (letter, high, low + low.upper())
        for letter in name
        for high, low in [(b"%x" % (letter >> 4), b"%x" % (letter & 15))]
    )


_ACTS: Final = {
    _spelled(b"JavaScript") + rb"\b": "JavaScript",
    _spelled(b"Launch") + rb"\b": "an action that starts a program",
    _spelled(b"EmbeddedFile"): "another file inside",
    _spelled(b"RichMedia") + rb"\b": "media that play",
    _spelled(b"XFA") + rb"\s*[\[\d<(]": "a form with scripts (XFA)",
}
_ACTING: Final = re.compile(b"/(?=[JLERX#])(?:%s)" % b"|".join(b"(%s)" % one for one in _ACTS))
"""Begins with a letter that is looked for fast: hundreds of megabytes pass through."""
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_ENCRYPTED: Final = re.compile(b"/" + _spelled(b"Encrypt") + rb"\b")
_OBJECTS: Final = re.compile(b"/" + _spelled(b"ObjStm") + rb"\b")
_ODD: Final = (b"LZW", b"ASCII85", b"ASCIIHex", b"RunLength", b"Crypt")
_ODD_FILTER: Final = re.compile(b"/(?:%s)" % b"|".join(map(_spelled, _ODD)))


def check(path: Path) -> None:
    """Raise ValueError, with a sentence for people, unless the file is a harmless whole PDF."""
    with _ONE_AT_A_TIME:
        _check(path.read_bytes())


def _check(content: bytes) -> None:
    if b"%%EOF" not in content[-_END:] or b"startxref" not in content[-_END:]:
        raise ValueError("This PDF is damaged or was cut off: save it again.")
    if _ENCRYPTED.search(content):
        raise ValueError("This PDF is encrypted: save it without a password.")
    _refuse_acting(content)
    for found in _OBJECTS.finditer(content):
        if _ODD_FILTER.search(content, max(0, found.start() - 256), found.end() + 256):
            raise ValueError("This PDF is built in an unusual way: print it to a new PDF.")
    for text in _inflated(content):
        _refuse_acting(text)


def _refuse_acting(text: bytes) -> None:
    if found := _ACTING.search(text):
        what = list(_ACTS.values())[(found.lastindex or 1) - 1]
        raise ValueError(f"This PDF carries {what}: print it to a new PDF and take that one.")


def _inflated(content: bytes) -> Iterator[bytes]:
    """Everything compressed in the file, in pieces that overlap by the length of a name."""
    total, looked_at = 0, memoryview(content)
    for stream in _STREAM.finditer(content):
        tail = b""
        for piece in _pieces(looked_at, stream.end()):
            total += len(piece)
            if total > MOST_INFLATED:
                raise ValueError("This PDF unpacks to far more than a document holds.")
            yield tail + piece
            tail = piece[-_OVERLAP:]


def _pieces(content: memoryview, start: int) -> Iterator[bytes]:
    unpacking, at = zlib.decompressobj(), start
    rest: bytes | memoryview = b""
    while not unpacking.eof:
        given = rest or content[at : at + _PIECE]
        at += 0 if rest else len(given)
        try:
            piece = unpacking.decompress(given, _PIECE)
        except zlib.error:
            return  # not compressed this way, or no longer
        rest = unpacking.unconsumed_tail
        if piece:
            yield piece
        elif not given:
            return
