"""Whether a picture of a document decodes, and within bounds: a small file may unpack to gigabytes.

Its size is read from its head before anything is decoded, and one picture is decoded at a time.
"""

import warnings
from pathlib import Path
from threading import Lock
from typing import Final

from PIL import Image

MOST_PIXELS: Final = 40_000_000
"""An A4 page at 600 dots an inch has 35 million."""
_ONE_AT_A_TIME: Final = Lock()


def check(path: Path) -> None:
    """Raise ValueError, with a sentence for people, unless a PNG or JPEG decodes whole."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # ours is stricter
        try:
            with Image.open(path, formats=("PNG", "JPEG")) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise Image.DecompressionBombError
                picture.draft("L", (width // 8, height // 8))  # a JPEG needs no more to be proved
                picture.load()
        except Image.DecompressionBombError as error:
            most = MOST_PIXELS // 10**6
            raise ValueError(
                f"This picture has too many pixels: {most} million are the most. Save it smaller."
            ) from error
        except (OSError, SyntaxError, EOFError, ValueError) as error:
            raise ValueError("This picture is damaged: save it again.") from error
