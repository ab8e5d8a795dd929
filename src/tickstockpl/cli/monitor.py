"""``tickstockpl monitor``: the channels live, in a terminal or as lines for other programs."""

import asyncio
import sys

from rich.console import Console

from tickstockpl.cli.servers import producers_servers
from tickstockpl.cli.signals import stop_on_signals
from tickstockpl.monitor.hearing import as_lines, on_terminal
from tickstockpl.settings import Settings


def monitor(settings: Settings, text: str) -> None:
    """Show what is published until the user has seen enough.

    Raises:
        TickStockError: if no Redis is named and none runs, or it cannot be reached.
    """
    redis_url, _ = producers_servers(settings)
    if sys.stdout.isatty() and sys.stdin.isatty():
        asyncio.run(on_terminal(redis_url, text))
    else:
        asyncio.run(_lines(redis_url, text))


async def _lines(redis_url: str, text: str) -> None:
    errors = Console(stderr=True, highlight=False)
    stop = stop_on_signals(Console(quiet=True))

    def write(line: str) -> None:
        try:
            print(line, flush=True)  # noqa: T201 - for other programs
        except BrokenPipeError:  # `| head` has had enough
            stop.set()

    await as_lines(redis_url, text, write, lambda said: errors.print(said, markup=False, soft_wrap=True), stop)
