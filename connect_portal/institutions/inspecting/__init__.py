"""What a file of an applicant really is: told by its content, never by its name or a header.

`inspect` is called for every file before anything is kept; ValueError carries a sentence for
people. Nothing is executed or rendered, and each look is bounded in memory and time.
"""

from pathlib import Path
from typing import Final

from connect_portal.institutions.inspecting import pdf, pictures
from connect_portal.institutions.inspecting.scanner import scan

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
SUFFIXES: Final = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg"}

_SIGNATURES: Final = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
_OTHERS: Final = {
    b"PK\x03\x04": "a ZIP archive, perhaps a Word or Excel file",
    b"PK\x05\x06": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"#!": "a script",
    b"<": "a web page or an XML file",
    b"{\\rtf": "an RTF file",
    b"GIF8": "a GIF picture",
    b"RIFF": "a WebP picture or a sound",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
}
_START: Final = 16  # bytes that tell


def inspect(path: Path) -> str:
    """The media type of a file. Raises ValueError for anything but a sound PDF, PNG or JPEG, and
    for what the installation's scanner refuses."""
    media_type = _type_of(path)
    if media_type == PDF:
        pdf.check(path)
    else:
        pictures.check(path)
    scan(path)
    return media_type


def _type_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_START)
    if not start:
        raise ValueError("This file is empty (0 bytes).")
    for signature, media_type in _SIGNATURES.items():
        if start.startswith(signature):
            return media_type
    found = next((words for known, words in _OTHERS.items() if start.startswith(known)), "")
    what = f" Its content is {found}." if found else ""
    raise ValueError(f"This is no PDF, PNG or JPEG, whatever its name says.{what}")
