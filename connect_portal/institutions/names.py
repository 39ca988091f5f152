"""What a text may be made of: no invisible characters, and no letters that pass for others.

Pure Python. Each check returns the text as it is kept, or raises ValueError with a sentence for
people. Names follow Unicode Technical Standard 39, 5.2 in a simple form: Latin letters never stand
beside letters of a script that looks like Latin.
"""

import unicodedata
from typing import Final

_ALIKE: Final = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}
_DIRECTION: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_BREAKS: Final = frozenset("\n\t")


def plain(text: str) -> str:
    """A text of one or more lines. Letters of any direction are welcome, marks that change how
    others are read are not."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character in text:
        if character in _DIRECTION:
            raise ValueError(
                "This has an invisible mark that changes the direction of writing "
                f"({_named(character)}): remove it. Right-to-left letters need none."
            )
        if unicodedata.category(character) == "Cc" and character not in _BREAKS:
            raise ValueError(f"This has a control character ({_named(character)}): remove it.")
    return unicodedata.normalize("NFC", text)


def name(text: str) -> str:
    """A name of a company or person, in one line; wide and ligature forms become plain letters."""
    text = unicodedata.normalize("NFKC", plain(text))
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp"):
            raise ValueError(
                f"A name has no invisible characters ({_named(character)}): remove it."
            )
    scripts = {_script(character) for character in text if character.isalpha()}
    if "LATIN" in scripts and (alike := scripts & _ALIKE):
        other = min(alike)
        odd = next(character for character in text if _script(character) == other)
        raise ValueError(
            f"This mixes Latin letters with {other.capitalize()} ones that look alike "
            f"(“{odd}” is {_named(odd)}): write it in one alphabet."
        )
    return " ".join(text.split())


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _named(character: str) -> str:
    known = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" {known.lower()}" if known else "")
