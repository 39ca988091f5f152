"""The grammar of Connect codes. Pure Python.

The venue's ``tag`` takes up to 16 case-sensitive ASCII letters and digits
(https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order), so a code does too.
"""

import re
from typing import Final

GENERATED_LENGTH: Final = 12
_GRAMMAR: Final = re.compile(r"[A-Za-z0-9]{1,16}", re.ASCII)


def is_code(text: str) -> bool:
    """Whether ``text`` could be a Connect code: 1 to 16 ASCII letters and digits."""
    return _GRAMMAR.fullmatch(text) is not None
