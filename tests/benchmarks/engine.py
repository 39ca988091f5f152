"""Races: our engine over the seeded stream against the peer, in commands a CPU second.

At equal features it is the book alone, with self-trade prevention off on both sides; then with
owners and prevention on; then with holds and fees as well, which the peer does not have; then the
whole exchange, commands as data and events made. Each lap is a fresh process of the engine's own
Python. An engine whose fills are not the plain book's ends the race.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tests.benchmarks import flow, ours, peer
from tests.benchmarks.rounds import Round, all_in_turns, alone, told
from tests.benchmarks.services import ROOT

ROUNDS = 5
OURS, THEIRS = "tests.benchmarks.ours", "tests.benchmarks.engines"
OFF, ON = "Peer", "PeerWithPrevention"


class Race(NamedTuple):
    """One line: an engine of ours, the peer's engine, and the ratio to reach."""

    name: str
    ours: str
    theirs: str
    goal: float | None


RACES = (
    Race("engine_book_alone", "BookAlone", OFF, 3.0),
    Race("engine_book_with_owners_stp", "BookWithOwners", ON, None),
    Race("engine_with_holds_fees_stp", "BookAndMoney", ON, 1.5),
    Race("engine_whole_exchange", "WholeExchange", ON, None),
)


def races() -> Iterator[dict[str, Any]]:
    """A line for each engine of ours; all of them, the plain book and the peer in each round."""
    stream = list(flow.commands(books=len(ours.pairs())))
    lap = partial(_lap, json.dumps(stream).encode())
    runners = {"Plain": partial(lap, sys.executable, THEIRS, "Plain")}
    runners |= {race.ours: partial(lap, sys.executable, OURS, race.ours) for race in RACES}
    try:
        runners |= {one: partial(lap, peer.python(), THEIRS, one) for one in (OFF, ON)}
        version = peer.version()
    except peer.NotAvailable as error:
        version = str(error)
    rounds = list(all_in_turns(ROUNDS, *runners.values()))
    columns = dict(zip(runners, zip(*rounds, strict=True), strict=True))
    rates = {
        one: [len(stream) / lap["cpu_seconds"] for lap in laps] for one, laps in columns.items()
    }
    facts = {"commands": len(stream), "fills": _same_fills(rounds), "peer": version}
    facts["plain_book"] = round(median(rates["Plain"]))
    for race in RACES:
        yield _line(race, rates, goal=race.goal, **facts)


def _line(race: Race, rates: dict[str, list[float]], **facts: Any) -> dict[str, Any]:
    unit, us, them = "commands/CPU second", rates[race.ours], rates.get(race.theirs)
    if them is None:
        return alone(race.name, unit, "higher", us, peer.NOT_AVAILABLE, **facts)
    return told(race.name, unit, "higher", list(map(Round, us, them)), **facts)


def _lap(
    stream: bytes, python: str | Path, module: str, engine: str, number: int
) -> dict[str, Any]:
    """One lap in a process of its own; what it printed."""
    command = [python, "-m", "tests.benchmarks.laps", module, engine]
    ran = subprocess.run(command, input=stream, stdout=subprocess.PIPE, cwd=ROOT, check=True)
    return {"engine": engine, **json.loads(ran.stdout)}


def _same_fills(rounds: list[tuple[dict[str, Any], ...]]) -> int:
    """How many fills every engine made, if they were the same ones."""
    laps = [lap for measured in rounds for lap in measured]
    wrong = {lap["engine"] for lap in laps if lap["hash"] != laps[0]["hash"]}
    if wrong:
        raise SystemExit(f"not the fills of the plain book: {', '.join(sorted(wrong))}")
    return int(laps[0]["fills"])
