"""Races: our engine over the seeded stream against the peer, in commands a CPU second.

At equal features it is the book alone; then with holds, fees and self-trade prevention; then the
whole exchange, commands as data and events made, for which there is no goal. Each lap is a fresh
process of the engine's own Python. An engine whose fills are not the plain book's ends the race.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import flow, ours, peer
from tests.benchmarks.rounds import Round, all_in_turns, alone, told
from tests.benchmarks.services import ROOT

ROUNDS = 5
OURS, THEIRS = "tests.benchmarks.ours", "tests.benchmarks.engines"
GOALS = {
    "BookAlone": ("engine_book_alone", 3.0),
    "BookAndMoney": ("engine_with_holds_fees_stp", 1.5),
    "WholeExchange": ("engine_whole_exchange", None),
}
"""The name of the line and the ratio to reach, for each engine of ours."""


def races() -> Iterator[dict[str, Any]]:
    """A line for each engine of ours; all of them, the plain book and the peer in each round."""
    stream = list(flow.commands(books=len(ours.pairs())))
    lap = partial(_lap, json.dumps(stream).encode())
    runners = [partial(lap, sys.executable, THEIRS, "Plain")]
    runners += [partial(lap, sys.executable, OURS, engine) for engine in GOALS]
    try:
        runners.append(partial(lap, peer.python(), THEIRS, "Peer"))
        version = peer.version()
    except peer.NotAvailable as error:
        version = str(error)
    rounds = list(all_in_turns(ROUNDS, *runners))
    facts = {"commands": len(stream), "fills": _same_fills(rounds), "peer": version}
    columns = zip(*rounds, strict=True)
    plain, *measured = ([len(stream) / lap["cpu_seconds"] for lap in laps] for laps in columns)
    for at, (name, goal) in enumerate(GOALS.values()):
        yield _line(name, measured[at], measured[len(GOALS) :], goal=goal, **facts, plain=plain)


def _line(
    name: str, rates: list[float], peers: list[list[float]], plain: list[float], **facts: Any
) -> dict[str, Any]:
    facts["plain_book"] = round(median(plain))
    unit = "commands/CPU second"
    if not peers:
        return alone(name, unit, "higher", rates, peer.NOT_AVAILABLE, **facts)
    rounds = [Round(*pair) for pair in zip(rates, peers[0], strict=True)]
    return told(name, unit, "higher", rounds, **facts)


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
