"""The colours themselves: contrast in both themes (WCAG 2.2, 1.4.3 and 1.4.11).

axe measures the text that a page happens to show; this measures every pair that may meet.
"""

import re

import pytest
from django.conf import settings

GROUNDS = ("ground", "surface", "raised", "sunken", "hover")
TONES = ("neutral", "info", "good", "warn", "bad")
TEXT = [(ink, ground) for ink in ("ink", "ink-soft", "accent") for ground in GROUNDS] + [
    *((tone, f"{tone}-tint") for tone in TONES),
    *((tone, "surface") for tone in TONES),
    *(("ink", f"{tone}-tint") for tone in TONES),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
]
SHAPES = [(mark, ground) for mark in ("line-strong", "focus") for ground in GROUNDS] + [
    (f"series-{number}", "surface") for number in (1, 2, 3, 4)
]


def tokens(theme: str) -> dict[str, str]:
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", css)
    return {name: light if theme == "light" else dark for name, light, dark in pairs}


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_colours_that_meet_can_be_told_apart(
    theme: str, pairs: list[tuple[str, str]], least: float
) -> None:
    colours = tokens(theme)
    poor = {
        f"{front} on {back}": round(contrast(colours[front], colours[back]), 2)
        for front, back in pairs
        if contrast(colours[front], colours[back]) < least
    }
    assert poor == {}
