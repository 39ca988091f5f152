"""Identifiers nobody can guess, from the system's own source of randomness."""

import secrets
import string

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits


def random_code(length: int) -> str:
    """``length`` random ASCII letters and digits (about 5.95 bits each)."""
    return "".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(length))
