"""Not more often than so many times a second."""

import asyncio
from collections.abc import Awaitable, Callable

from tickstockpl.clock import monotonic_s


class Pace:
    """Turns, evenly spaced: never more than ``per_second`` and one in any second.

    Args:
        per_second: turns, above 0.
        now_s: a clock that never jumps.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        per_second: float,
        now_s: Callable[[], float] = monotonic_s,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap_s = 1 / per_second
        self._now_s = now_s
        self._sleep = sleep
        self._next_s = now_s()

    async def turn(self) -> None:
        """Wait for a turn."""
        at_s = max(self._next_s, self._now_s())
        self._next_s = at_s + self._gap_s
        if (left_s := at_s - self._now_s()) > 0:
            await self._sleep(left_s)
