"""Other people's files: which, under what licence, unchanged; and the icons that are used."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from connect_portal.facts import fonts
from connect_portal.kit.templatetags.look import TONE_ICONS

VENDOR = settings.BASE_DIR / "static" / "vendor"
FOLDERS = [*sorted(VENDOR.iterdir()), Path(__file__).parent / "axe", fonts()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_vendored_file_is_what_its_note_says(folder: Path) -> None:
    note = (folder / "VERSION.txt").read_text()
    written = dict(line.split()[::-1] for line in note.partition("sha256:\n")[2].splitlines())
    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "VERSION.txt"
    }

    assert re.match(r"name: .+\nversion: .+\nlicence: .+\nsource: .+\n", note)
    assert "LICENSE" in present
    assert written == present


def test_the_sprite_holds_every_icon_that_is_used() -> None:
    sprite = (VENDOR / "lucide" / "icons.svg").read_text()
    pages = [path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    code = [path.read_text() for path in (settings.BASE_DIR / "static/js").rglob("*.js")]
    used = set(TONE_ICONS.values())
    for text in pages:
        used |= set(re.findall(r"\{% icon \"([\w-]+)\"", text))
        used |= set(re.findall(r"\bicon=\"([\w-]+)\"", text))
        used |= set(re.findall(r"\bicon\|default:\"([\w-]+)\"", text))
    for text in code:
        used |= set(re.findall(r"icons\.svg#([\w-]+)", text))

    assert used - set(re.findall(r'<symbol id="([\w-]+)"', sprite)) == set()


def test_every_static_file_names_only_files_that_exist(tmp_path: Path) -> None:
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)

    assert list(tmp_path.glob("css/tokens.*.css.gz"))
