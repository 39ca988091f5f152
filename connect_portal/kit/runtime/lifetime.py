"""From the first program to the last: what Ctrl-C, SIGTERM and a closed terminal do.

Used by the `up` command only.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from .supervisor import Supervisor


async def live_until_told(
    life: Coroutine[Any, Any, None],
    supervisor: Supervisor,
    stop: Callable[[], Awaitable[None]],
) -> None:
    """Run `life` until it fails or a signal asks for the end, and then always `stop`.

    The first signal ends `life` and stops in order; one more kills everything at once.
    """
    task = asyncio.create_task(life)
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if task.done() or task.cancelling():
            supervisor.kill()
        else:
            supervisor.say("Stopping. Ctrl-C again kills at once.")
            task.cancel()

    for number in _signals():
        loop.add_signal_handler(number, asked)
    try:
        with suppress(asyncio.CancelledError):
            await task
    finally:
        await stop()


def _signals() -> list[signal.Signals]:
    ending = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means to outlive the terminal
        ending.append(signal.SIGHUP)
    return ending
