"""Whether a PDF is whole, open to read, and carries nothing that acts (ISO 32000-1). Pure Python.

It is not parsed but searched, since a parser can be led astray: names are looked for in all of its
bytes and in everything in it that inflates, whatever the file says about itself.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST_INFLATED: Final = 256 * 2**20
"""Bytes that everything compressed in a document may come to; a bomb is more."""
_PIECE: Final = 64 * 1024
_OVERLAP: Final = 32
_END: Final = 2_048

_ACTS: Final = {
    rb"/JavaScript\b": "JavaScript",
    rb"/Launch\b": "an action that starts a program",
    rb"/EmbeddedFiles?\b": "another file inside",
    rb"/RichMedia\b": "media that play",
    rb"/XFA\s*[\[\d<(]": "a form with scripts (XFA)",
}
_ACTING: Final = re.compile(b"|".join(b"(%s)" % pattern for pattern in _ACTS))
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_OBJECTS: Final = re.compile(rb"/ObjStm\b")
_ODD_FILTER: Final = re.compile(rb"/(?:LZW|ASCII85|ASCIIHex|RunLength|Crypt)")


def check(path: Path) -> None:
    """Raise ValueError, with a sentence for people, unless the file is a harmless whole PDF."""
    content = path.read_bytes()
    if b"%%EOF" not in content[-_END:] or b"startxref" not in content[-_END:]:
        raise ValueError("This PDF is damaged or was cut off: save it again.")
    plain = _without_escapes(content)
    if re.search(rb"/Encrypt\b", plain):
        raise ValueError("This PDF is encrypted: save it without a password.")
    _refuse_acting(plain)
    for found in _OBJECTS.finditer(plain):
        if _ODD_FILTER.search(plain, max(0, found.start() - 256), found.end() + 256):
            raise ValueError("This PDF is built in an unusual way: print it to a new PDF.")
    for text in _inflated(content):
        _refuse_acting(_without_escapes(text))


def _refuse_acting(text: bytes) -> None:
    if found := _ACTING.search(text):
        what = list(_ACTS.values())[(found.lastindex or 1) - 1]
        raise ValueError(f"This PDF carries {what}: print it to a new PDF and take that one.")


def _without_escapes(text: bytes) -> bytes:
    """Names may be written with ``#4a`` for a letter (7.3.5)."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text)


def _inflated(content: bytes) -> Iterator[bytes]:
    """Everything compressed in the file, in pieces that overlap by the length of a name."""
    total = 0
    for stream in _STREAM.finditer(content):
        tail = b""
        for piece in _pieces(content, stream.end()):
            total += len(piece)
            if total > MOST_INFLATED:
                raise ValueError("This PDF unpacks to far more than a document holds.")
            yield tail + piece
            tail = piece[-_OVERLAP:]


def _pieces(content: bytes, start: int) -> Iterator[bytes]:
    unpacking, at = zlib.decompressobj(), start
    rest = b""
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
