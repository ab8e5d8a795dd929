"""Ctrl-C and SIGTERM as an event: a command ends what it does in order."""

import asyncio
import signal

from rich.console import Console

CLOSING = "Stopping: the session is being closed. Press Ctrl-C again to end at once."


def stop_on_signals(console: Console, said: str = CLOSING) -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set; a second one ends at once.

    Args:
        console: where to say so.
        said: what is done now.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()

    def on_signal() -> None:
        if stop.is_set() and main is not None:
            main.cancel()
            return
        console.print(said)
        stop.set()

    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, on_signal)
    return stop
