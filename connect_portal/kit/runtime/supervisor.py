"""Keeps programs alive: starts them in order, restarts what dies, stops all of it in order.

Used by the `up` command only. One supervisor lives in one event loop on the main thread: the
kernel binds the life of each child to the thread that forked it.
"""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from .errors import CannotStart
from .printer import Printer
from .programs import Program, kill_group

FIRST_PAUSE = 0.2  # seconds before a program that died is started again
LONGEST_PAUSE = 15.0
STEADY = 10.0  # seconds after which a program counts as healthy and its pause is forgotten
TRIES = 4  # deaths before a program was ever ready, after which the site does not start
READY_WITHIN = 120.0  # seconds
LONGEST_LINE = 64 * 1024  # bytes
COULD_NOT_START = 127  # the shell's code for a command it cannot execute


@dataclass
class _Kept:
    """One program that is kept alive, and its present child."""

    program: Program
    child: asyncio.subprocess.Process | None = None
    deaths: int = 0
    last_line: str = "it said nothing"
    keeper: asyncio.Task[None] | None = field(default=None, repr=False)


class Supervisor:
    """Starts, restarts and stops programs, and prints what they say."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._kept: list[_Kept] = []
        self._stopping = False

    async def keep(self, program: Program) -> None:
        """Start `program`, return when it is ready, and restart it from now on whenever it dies.

        Raises CannotStart when it dies `TRIES` times, or is not ready in time.
        """
        kept = _Kept(program)
        self._kept.append(kept)
        kept.keeper = asyncio.create_task(self._keep_alive(kept))
        await self._until_ready(kept)
        if program.ready is not None:
            self._say(kept.program, "ready")

    async def run(self, program: Program) -> None:
        """Run `program` to its end. Raises CannotStart when it fails."""
        kept = _Kept(program)
        self._kept.append(kept)
        try:
            code = await self._live_once(kept)
        finally:
            self._kept.remove(kept)
        if code != 0:
            raise CannotStart(f"`{program.name}` failed: {kept.last_line}")

    async def ask(self, program: Program) -> str:
        """Run `program` to its end and return its standard output; show its standard error.

        Raises CannotStart when it fails.
        """
        arguments = program.popen_arguments() | {"stderr": subprocess.PIPE}
        child = await asyncio.create_subprocess_exec(*program.command, **arguments)
        try:
            answer, errors = await child.communicate()
        finally:
            kill_group(child.pid)
        lines = errors.decode(errors="replace").strip().splitlines()
        for line in lines:
            self._say(program, line)
        if child.returncode != 0:
            raise CannotStart(f"`{program.name}` failed: {(lines or ['it said nothing'])[-1]}")
        return answer.decode()

    async def stop(self, tiers: Iterable[Iterable[str]] = ()) -> None:
        """Stop everything: first what no tier names, all at once, then tier after tier.

        Each tier is a set of program names. A program that outlives its patience is killed.
        """
        self._stopping = True
        order = [set(tier) for tier in tiers]
        named = set().union(*order)
        first = {kept.program.name for kept in self._kept} - named
        for tier in (first, *order):
            members = [kept for kept in self._kept if kept.program.name in tier]
            await asyncio.gather(*(self._stop_one(kept) for kept in members))

    def kill(self) -> None:
        """SIGKILL everything at once, for the impatient."""
        self._stopping = True
        for kept in self._kept:
            if kept.child is not None:
                kill_group(kept.child.pid)

    def say(self, text: str) -> None:
        """Print a line of our own."""
        self._printer.line("up", text)

    async def _until_ready(self, kept: _Kept) -> None:
        deadline = time.monotonic() + READY_WITHIN
        name, ready = kept.program.name, kept.program.ready
        while not (kept.child is not None and (ready is None or await asyncio.to_thread(ready))):
            if kept.deaths >= TRIES:
                raise CannotStart(f"{name} does not start: {kept.last_line}")
            if time.monotonic() > deadline:
                raise CannotStart(f"{name} was not ready in {READY_WITHIN:.0f} seconds.")
            await asyncio.sleep(0.05)

    async def _keep_alive(self, kept: _Kept) -> None:
        pause = FIRST_PAUSE
        while not self._stopping:
            began = time.monotonic()
            end = _how_it_died(await self._live_once(kept))
            if self._stopping:
                return
            if time.monotonic() - began > STEADY:
                pause = FIRST_PAUSE
            kept.deaths += 1
            self._say(kept.program, f"{end}; starting again in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live_once(self, kept: _Kept) -> int:
        """One life of a program, from its start to the end of its last relative."""
        child = await self._spawn(kept)
        if child is None:
            return COULD_NOT_START
        kept.child = child
        talk = asyncio.create_task(self._repeat(kept, child))
        try:
            code = await child.wait()
        finally:
            # What a dead program started (a pool's workers) must not work beside its successor.
            kill_group(child.pid)
            kept.child = None
            with suppress(TimeoutError):
                await asyncio.wait_for(talk, 1.0)
        return code

    async def _spawn(self, kept: _Kept) -> asyncio.subprocess.Process | None:
        program = kept.program
        arguments = program.popen_arguments()
        try:
            return await asyncio.create_subprocess_exec(*program.command, **arguments)
        except (OSError, subprocess.SubprocessError) as failure:
            kept.last_line = str(failure)
            return None

    async def _repeat(self, kept: _Kept, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None
        async for line in _lines(child.stdout):
            if line and not any(noise in line for noise in kept.program.noise):
                kept.last_line = line
                self._say(kept.program, line)

    async def _stop_one(self, kept: _Kept) -> None:
        child = kept.child
        if child is not None and child.returncode is None:
            with suppress(ProcessLookupError):
                child.send_signal(kept.program.stop_signal)
            try:
                await asyncio.wait_for(child.wait(), kept.program.patience)
            except TimeoutError:
                kill_group(child.pid)
                await child.wait()
        if kept.keeper is not None:
            if kept.child is None:
                kept.keeper.cancel()
            with suppress(asyncio.CancelledError):
                await kept.keeper

    def _say(self, program: Program, text: str) -> None:
        self._printer.line(program.name, text)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """The lines of `stream`; one that is too long is cut into pieces, never refused."""
    rest = b""
    while chunk := await stream.read(LONGEST_LINE):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield line.decode(errors="replace").rstrip()
    if rest:
        yield rest.decode(errors="replace").rstrip()


def _how_it_died(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    return f"was killed by {signal.Signals(-code).name}"
