"""``manage.py stream``: listen to the venue for every bound account."""

import asyncio
import contextlib
import signal
from typing import Any

from django.core.management.base import BaseCommand

from connect_portal.kit.checks import refuse_to_serve_unsound
from connect_portal.trades.stream import stream


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C."""

    help = "Listen to the venue's pushes for every bound account."

    def handle(self, *args: Any, **options: Any) -> None:
        """Start listening; a broken environment is said in one sentence instead."""
        refuse_to_serve_unsound()
        with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_until_told())


async def _until_told() -> None:
    listening = asyncio.create_task(stream())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, listening.cancel)
    await listening
