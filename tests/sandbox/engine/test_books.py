"""Plays the drawn order books beside this file; the core checks itself after every command."""

from pathlib import Path

import pytest

from tests.sandbox.engine.drawn import scenarios
from tests.sandbox.engine.drawn_strategies import StrategyStage

DRAWN = {
    f"{path.stem}: {name}": lines
    for path in sorted((Path(__file__).parent / "books").glob("*.txt"))
    for name, lines in scenarios(path.read_text()).items()
}


@pytest.mark.parametrize("name", DRAWN)
def test_book(name: str) -> None:
    stage = StrategyStage()
    for line in DRAWN[name]:
        stage.play(line)
