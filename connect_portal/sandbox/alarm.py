"""Waiting for a moment of the exchange's clock (seconds of waiting are no amounts)."""

import asyncio
import contextlib


class Alarm:
    """Wakes its one sleeper when time has come, or when what it waits for has changed."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def reset(self) -> None:
        """Let the sleeper look again at what is due next."""
        self._changed.set()

    async def sleep(self, wait_ms: int) -> None:
        """Sleep for so many milliseconds, or until `reset`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0, wait_ms) / 1000):
                await self._changed.wait()
        self._changed.clear()
