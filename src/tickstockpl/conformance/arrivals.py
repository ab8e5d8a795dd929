"""Messages between being read and being judged."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from tickstockpl import clock
from tickstockpl.subscriber import Message

Taker = Callable[[str, bytes, int], None]
"""Is given channel, payload, and when it was read: wall clock, milliseconds since the epoch."""

CAPACITY: Final = 200_000
"""Messages that wait at most, of some 300 bytes each."""

LULL_S: Final = 0.002
"""A burst is over when nothing was read for so long."""

SLICE: Final = 100
"""Messages that are judged before it is looked whether more have come: about 3 ms."""


class Arrivals:
    """Notes when messages were read, and has them judged between the bursts.

    To judge a message takes longer than to read it. Judged at once, the end of a burst of thousands would seem to have
    come as much later as the judging of its beginning took, and the producer would look slow.

    When as many wait as there is room for, all are judged before more is read: the times that are measured then
    include the judging.

    Args:
        take: judges one message.
        on_judged: is told after every few.
        capacity: how many messages may wait.
        now_ms: the wall clock.
    """

    def __init__(
        self,
        take: Taker,
        on_judged: Callable[[], None] = lambda: None,
        capacity: int = CAPACITY,
        now_ms: Callable[[], int] = clock.wall_ms,
    ) -> None:
        self._take = take
        self._on_judged = on_judged
        self._capacity = capacity
        self._now_ms = now_ms
        self._waiting: deque[tuple[str, bytes, int]] = deque()
        self._reads = 0
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def receive(self, messages: list[Message]) -> None:
        """Messages have been read just now."""
        now_ms = self._now_ms()
        self._waiting.extend((channel, payload, now_ms) for channel, payload in messages)
        self._reads += 1
        self._news.set()
        if len(self._waiting) >= self._capacity:
            self.finish()

    async def judge(self) -> None:
        """Have everything judged in its order, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                reads = self._reads
                await asyncio.sleep(LULL_S)
                while self._waiting and reads == self._reads:
                    for message in self._next(SLICE):
                        self._take(*message)
                    self._on_judged()
                    await asyncio.sleep(0)

    def finish(self) -> None:
        """Have all that waits judged now."""
        for message in self._next(len(self._waiting)):
            self._take(*message)

    def _next(self, count: int) -> Iterator[tuple[str, bytes, int]]:
        for _ in range(min(count, len(self._waiting))):
            yield self._waiting.popleft()
