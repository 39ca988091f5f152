"""Sizes, docstrings and things that have no place here; `ratchet.txt` may only shrink."""

import ast
import re

from tests.architecture.source import (
    PACKAGE,
    ROOT,
    TEMPLATES,
    TESTS,
    assert_only_known,
    functions,
    modules,
    name,
    under,
)

FUNCTION_LINES = 70
FILE_LINES = 400
TEST_FILE_LINES = 600

INLINE = {
    "inline script": re.compile(r"<script\b(?![^>]*\b(?:src=|type=\"application/json\"))", re.I),
    "inline style": re.compile(r"<style\b|<[^>]+\sstyle\s*=", re.I),
    "inline handler": re.compile(r"<[^>]+\son[a-z]+\s*=|href\s*=\s*[\"']?javascript:", re.I),
}

MONEY = (
    "audit",
    "authorizations",
    "facts",
    "institutions",
    "kit/money.py",
    "sandbox/engine",
    "sandbox/store.py",
    "trades/actions/ingest.py",
    "trades/attribution.py",
    "trades/models.py",
    "trades/queries.py",
    "venue/okx/parse.py",
    "venue/okx/shapes.py",
)
"""Where amounts are: a float here is a mistake, even for something else."""


def lines_of(node: ast.stmt) -> int:
    """The length of a function in lines."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_function_fits_a_screen() -> None:
    assert_only_known(
        "long function",
        (
            f"{path} {function.name}"
            for folder in (PACKAGE, TESTS)
            for path, tree in modules(folder).items()
            for function in functions(tree)
            if lines_of(function) > FUNCTION_LINES
        ),
    )


def test_a_file_can_be_held_in_the_mind() -> None:
    limits = [(PACKAGE, FILE_LINES), (TESTS, TEST_FILE_LINES)]
    assert_only_known(
        "long file",
        (
            path
            for folder, limit in limits
            for path in modules(folder)
            if len((ROOT / path).read_text().splitlines()) > limit
        ),
    )


def test_every_file_says_what_it_is() -> None:
    assert_only_known(
        "no module docstring",
        (
            path
            for folder in (PACKAGE, TESTS)
            for path, tree in modules(folder).items()
            if tree.body and not ast.get_docstring(tree)
        ),
    )


def test_pages_carry_no_inline_script_style_or_handler() -> None:
    templates = [*TEMPLATES.rglob("*.html"), *PACKAGE.rglob("*.html")]
    assert templates
    assert_only_known(
        "inline",
        (
            f"{name(path)}: {what}"
            for path in templates
            for what, pattern in INLINE.items()
            if pattern.search(path.read_text())
        ),
    )


def test_no_float_where_amounts_are() -> None:
    assert_only_known(
        "float",
        (
            f"{path}"
            for path, tree in modules().items()
            if under(path, *MONEY)
            for node in ast.walk(tree)
            if (isinstance(node, ast.Name) and node.id == "float")
            or (isinstance(node, ast.Constant) and isinstance(node.value, float))
        ),
    )


def test_no_page_streams_through_a_thread_and_its_database_connection() -> None:
    assert_only_known(
        "streaming",
        (
            path
            for path, tree in modules().items()
            for node in ast.walk(tree)
            if "StreamingHttpResponse" in (getattr(node, "id", ""), getattr(node, "attr", ""))
        ),
    )


def test_nothing_is_left_to_do() -> None:
    # The marks of unfinished work, which no file of the project holds; here they are looked for.
    mark = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
    assert_only_known(
        "unfinished",
        (path for path in modules() if mark.search((ROOT / path).read_text())),
    )
