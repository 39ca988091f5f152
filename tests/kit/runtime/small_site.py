"""A site of two small programs under the real supervisor, run as a process of its own by tests.

Arguments: a folder. Each program writes its pid there at each start; `slow` lets the folder decide
(file `deaf`) whether it heeds SIGTERM.
"""

import asyncio
import sys
from pathlib import Path

from connect_portal.kit.runtime.errors import CannotStart
from connect_portal.kit.runtime.lifetime import live_until_told
from connect_portal.kit.runtime.printer import Printer
from connect_portal.kit.runtime.programs import Program
from connect_portal.kit.runtime.supervisor import Supervisor

CHILD = """
import os, pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def ended(*_):
    with open(folder / "ends", "a") as ends: ends.write(name + chr(10))
    sys.exit(0)
signal.signal(signal.SIGTERM, ended)
if (folder / "deaf").exists(): signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(folder / name, "a") as pids: pids.write(f"{os.getpid()}" + chr(10))
print(f"hello from {name}", flush=True)
print("noise from", name, flush=True)
time.sleep(600)
"""


def program(folder: Path, name: str) -> Program:
    """A program that sleeps, ready once it has written its pid."""
    return Program(
        name,
        (sys.executable, "-S", "-c", CHILD, str(folder), name),
        ready=(folder / name).exists,
        patience=30.0,
        noise=("noise from",),
    )


async def site(folder: Path) -> None:
    """Keep `service`, then `app`; stop `app`, then `service`."""
    supervisor = Supervisor(Printer())

    async def life() -> None:
        await supervisor.keep(program(folder, "service"))
        await supervisor.keep(program(folder, "app"))
        await asyncio.Event().wait()

    await live_until_told(life(), supervisor, lambda: supervisor.stop([("service",)]))


if __name__ == "__main__":
    try:
        asyncio.run(site(Path(sys.argv[1])))
    except CannotStart as refusal:
        sys.exit(str(refusal))
