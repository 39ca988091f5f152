"""How tests launch Debian's Chromium: as root, without a screen, without calling home."""

from typing import Final

from tests.services import CHROMIUM

LAUNCH: Final = {
    "executable_path": CHROMIUM,
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
