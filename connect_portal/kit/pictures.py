"""Pictures that institutions give us to show: PNG (RFC 2083), judged by content. Pure Python.

Every chunk is walked and its checksum counted, so nothing that is something else as well, or that
carries something behind its end, is ever served.
"""

import zlib
from typing import Final

MEDIA_TYPE: Final = "image/png"
MOST_BYTES: Final = 64 * 1024
SIDES: Final = range(32, 1_025)
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_TAKEN: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT"}
)
"""Chunks that only say how it looks; text, time and animation are left out by the sender."""


def check(content: bytes) -> None:
    """Raise ValueError, with a sentence for people, unless ``content`` is a PNG of a sane size."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"A logo has at most {MOST_BYTES // 1024} KiB.")
    if not content.startswith(_SIGNATURE):
        raise ValueError("A logo is a PNG picture.")
    chunks = _chunks(content)
    kinds = [kind for kind, _ in chunks]
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds or b"IEND" in kinds[:-1] or kinds[-1] != b"IEND":
        raise ValueError("This PNG picture is damaged.")
    if unknown := set(kinds) - _TAKEN:
        name = min(unknown).decode("latin-1")
        raise ValueError(f"This PNG picture carries more than a picture ({name}): save it without.")
    header = chunks[0][1]
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    if width not in SIDES or height not in SIDES:
        raise ValueError(f"A logo is {SIDES[0]} to {SIDES[-1]} pixels wide and high.")


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], len(_SIGNATURE)
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        checksum = content[at + 8 + length : at + 12 + length]
        if len(checksum) < 4 or zlib.crc32(kind + data) != int.from_bytes(checksum):
            raise ValueError("This PNG picture is damaged.")
        found.append((kind, data))
        at += 12 + length
    if not found:
        raise ValueError("This PNG picture is damaged.")
    return found
