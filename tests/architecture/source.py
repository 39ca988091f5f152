"""What the architecture tests read: our own files, and the ratchet of known exceptions."""

import ast
import gc
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "connect_portal"
TESTS = ROOT / "tests"
TEMPLATES = ROOT / "templates"
RATCHET = Path(__file__).with_name("ratchet.txt")


@cache
def modules(folder: Path = PACKAGE) -> dict[str, ast.Module]:
    """Return every Python file under `folder`, parsed, by its path from the root.

    Migrations are left out: Django writes them.
    """
    paths = sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)
    # CPython 3.11 loses count of how deep it is in a tree when garbage that is collected meanwhile
    # has a tree made as well, as a warning about it does.
    gc.disable()
    try:
        return {name(path): ast.parse(path.read_text()) for path in paths}
    finally:
        gc.enable()


def name(path: Path) -> str:
    """Return a path as messages spell it."""
    return path.relative_to(ROOT).as_posix()


def under(path: str, *folders: str) -> bool:
    """Whether the file lies in one of these folders of the package, or is one of these files."""
    return any(path.startswith(f"connect_portal/{folder}") for folder in folders)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def assert_only_known(rule: str, found: Iterable[str]) -> None:
    """Fail on an exception to `rule` that the ratchet does not know, or that it need not know.

    The ratchet holds lines `rule: where`. It may only shrink: a line that is mended must go.
    """
    lines = [line.strip() for line in RATCHET.read_text().splitlines()]
    known = {line for line in lines if line.startswith(f"{rule}: ")}
    broken = {f"{rule}: {where}" for where in found}
    assert not broken - known, "\n".join(["new exceptions:", *sorted(broken - known)])
    assert not known - broken, "\n".join(["mended, take out:", *sorted(known - broken)])
