"""How a connection ends, and why."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from websockets.exceptions import ConnectionClosed

from tickstockpl.feeds.massive.refusals import Refusal


class LinkError(Exception):
    """A connection has ended, or could not be made.

    Args:
        refusal: why.
        silent_s: for how long nothing may have come, at most, before anybody knew.
    """

    def __init__(self, refusal: Refusal, silent_s: float = 0.0) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.silent_s = silent_s


async def first_to_end(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run several until one ends or raises; the others are cancelled."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    # A refusal says more than the end of the connection that follows it.
    failures = [result for result in results if isinstance(result, Exception)]
    for failure in sorted(failures, key=lambda failure: not isinstance(failure, LinkError)):
        raise failure


def closed(error: ConnectionClosed) -> str:
    """Why a connection has ended, one clause."""
    if is_unanswered(error):
        return "it does not answer any more"
    if error.rcvd is None:
        return "the connection broke off"
    said = f": {error.rcvd.reason}" if error.rcvd.reason else ""
    return f"Massive has closed the connection ({error.rcvd.code}{said})"


def is_unanswered(error: ConnectionClosed) -> bool:
    """Whether it was given up because a ping had no answer."""
    return error.rcvd is None and error.sent is not None and error.sent.code == 1011


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    with suppress(IndexError):
        return str(error).splitlines()[0]
    return type(error).__name__
