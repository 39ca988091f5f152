"""How tests launch Debian's Chromium, as root, without a screen, without calling home; and what
bars people in a page that it shows."""

from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.services import CHROMIUM

AXE: Final = (Path(__file__).parent / "pages" / "axe" / "axe.min.js").read_text()

# Of what is well, axe need not say where it stands.
VIOLATIONS: Final = """axe.run(document, {preload: false, resultTypes: ["violations"]})
  .then((results) => results.violations)"""

# What listens for another theme or width hears of it with the next frame.
HEARD: Final = """new Promise(
  (heard) => requestAnimationFrame(() => requestAnimationFrame(heard)))"""

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


def barriers(page: Page) -> list[str]:
    """Serious and critical findings of axe in the page as it stands, its transitions over."""
    page.evaluate(HEARD)
    page.evaluate("""document.getAnimations().forEach(
      (one) => one instanceof CSSTransition && one.finish())""")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(VIOLATIONS)
    return [
        f"{finding['id']}: {node['html'][:160]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]
