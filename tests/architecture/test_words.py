"""One word for one thing: the glossary, held by its banned words."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import assert_only_known, functions, modules, under

VENUE_ROOMS = ("venue/okx", "sandbox/wire", "gateway/wire", "demo/forms.py", "facts")

BANNED = {
    "broker": "institution",
    "partner": "institution",
    "merchant": "institution",
    "customer": "end user",
    "deal": "fill",
    "invoice": "statement",
    "checkpoint": "cursor",
    "ticket": "application",
}

EXCHANGE_ROOMS, EXCHANGE_WORDS = ("sandbox", "venue/sandbox_operator.py"), {"broker"}
"""The exchange says broker where we say institution, and so does whoever operates it."""

VAGUE_VERBS = {"process", "handle", "manage", "do"}

FRAMEWORK_HOOKS = {"handle", "handle_raw_input", "process_view"}
"""Names that Django asks for: a command's body, an upload's first look, and a middleware's."""

WIRE_WORDS = re.compile(r"\b(?:instId|instType|ordId|clOrdId|fillPx|fillSz|accFillSz|algoId)\b")


def parts(identifier: str) -> set[str]:
    """The words of an identifier, in snake_case or CamelCase, without plural s."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", identifier)
    return {word.lower() for word in found} | {word.lower().removesuffix("s") for word in found}


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Every name that a file gives to something of its own."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr


def test_the_glossary_words_are_used() -> None:
    assert_only_known(
        "banned word",
        (
            f"{path} {identifier}: say {BANNED[word]}"
            for path, tree in modules().items()
            if not under(path, *VENUE_ROOMS)
            for identifier in identifiers(tree)
            if not identifier.startswith("CELERY_")
            for word in sorted(parts(identifier) & BANNED.keys())
            if not (word in EXCHANGE_WORDS and under(path, *EXCHANGE_ROOMS))
        ),
    )


def test_verbs_say_what_is_done() -> None:
    assert_only_known(
        "vague verb",
        (
            f"{path} {function.name}"
            for path, tree in modules().items()
            for function in functions(tree)
            if function.name.lstrip("_").split("_")[0] in VAGUE_VERBS
            and function.name not in FRAMEWORK_HOOKS
        ),
    )


def test_the_wires_words_stop_at_the_venues_door() -> None:
    assert_only_known(
        "wire word",
        (
            f"{path} {word}"
            for path, tree in modules().items()
            if not under(path, *VENUE_ROOMS)
            for node in ast.walk(tree)
            for word in WIRE_WORDS.findall(spoken(node))
        ),
    )


def spoken(node: ast.AST) -> str:
    """The text of a node in which a wire's word could stand: a name, or a string."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=word) | ast.arg(arg=word) | ast.Attribute(attr=word):
            return word
        case ast.keyword(arg=str(word)):
            return word
    return ""
