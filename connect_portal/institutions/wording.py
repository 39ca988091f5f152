"""Words with placeholders, written by staff: filled in once, and never run as a program.

A placeholder is a name between double braces, ``{{ institution }}``. What fills it is plain text:
braces in it mean nothing. Pure Python.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

PLACEHOLDER: Final = re.compile(r"\{\{ *([a-z_]+) *\}\}")
_BRACES: Final = re.compile(r"\{\{|\}\}|\{%|%\}")


def fill(body: str, values: Mapping[str, str]) -> str:
    """``body`` with each placeholder replaced by its value; KeyError for one without a value."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], body)


def problems(body: str, allowed: Collection[str]) -> list[str]:
    """What is wrong with the placeholders of ``body``, a sentence each."""
    unknown = sorted(set(PLACEHOLDER.findall(body)) - set(allowed))
    listed = ", ".join(f"{{{{ {name} }}}}" for name in allowed)
    said = [f"There is no {{{{ {name} }}}}. What can stand here: {listed}." for name in unknown]
    if stray := _BRACES.search(PLACEHOLDER.sub("", body)):
        example = f"{{{{ {next(iter(allowed))} }}}}"
        said.append(f"“{stray[0]}” is no placeholder: write a name, as in {example}.")
    return said


def paragraphs(body: str, values: Mapping[str, str]) -> list[str]:
    """The paragraphs of ``body``, filled; one with a placeholder that has nothing to say is left
    out."""
    blocks = [block for block in body.strip().split("\n\n") if block.strip()]
    said = [block for block in blocks if all(values[name] for name in PLACEHOLDER.findall(block))]
    return [fill(block, values) for block in said]
