"""Who may import whom: the contracts of `.importlinter`, and that they forget no app."""

import configparser
import subprocess
import sys

from tests.architecture.source import PACKAGE, ROOT

RUN = "from importlinter.cli import lint_imports_command as run; run()"


def contracts() -> configparser.ConfigParser:
    """The contracts as written."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def words(contract: str, option: str) -> set[str]:
    """The entries of one option."""
    return set(contracts()[f"importlinter:contract:{contract}"][option].split())


def test_every_import_points_down_the_floors() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", RUN, "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_tables_of_every_app_are_private() -> None:
    files = {path.parent.name for path in PACKAGE.glob("*/models.py")}
    folders = {path.parent.parent.name for path in PACKAGE.glob("*/models/__init__.py")}
    for app in files | folders:
        models = f"connect_portal.{app}.models"
        assert words(f"models-{app}", "protected_modules") == {models}
        assert words(f"models-{app}", "allowed_importers") == {f"connect_portal.{app}"}
        assert f"connect_portal.{app}" in words("rooms", "containers")


def test_pure_rules_of_every_app_are_held_to_plain_python() -> None:
    pure = {f"connect_portal.{path.parent.name}.codes" for path in PACKAGE.glob("*/codes.py")}
    assert pure <= words("pure", "source_modules")
