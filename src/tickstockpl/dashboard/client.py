"""One open page, as the hub sees it: a bounded queue of frames."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

MAX_QUEUED_FRAMES: Final = 64
MAX_QUEUED_BYTES: Final = 8 << 20
"""A client that has more waiting is closed. Frames are shared between clients, so the bytes exist once."""


class Client:
    """Frames wait here until the client's connection takes them.

    Attributes:
        overflowed: whether too many waited; then nothing is queued any more.
        on_overflow: called at that moment.
    """

    def __init__(self) -> None:
        self._frames: deque[str] = deque()
        self._bytes = 0
        self._waiting = asyncio.Event()
        self.overflowed = False
        self.on_overflow: Callable[[], None] | None = None

    def offer(self, frame: str) -> bool:
        """Queue a frame; False if there is no room, and then nothing is queued any more."""
        if self._frames and (len(self._frames) >= MAX_QUEUED_FRAMES or self._bytes + len(frame) > MAX_QUEUED_BYTES):
            self.overflowed = True
            self._frames.clear()
            self._bytes = 0
            if self.on_overflow is not None:
                self.on_overflow()
        else:
            self._frames.append(frame)
            self._bytes += len(frame)
        self._waiting.set()
        return not self.overflowed

    async def next_frame(self) -> str | None:
        """Wait for the next frame; ``None`` once the queue has overflowed."""
        while not self._frames:
            if self.overflowed:
                return None
            self._waiting.clear()
            await self._waiting.wait()
        frame = self._frames.popleft()
        self._bytes -= len(frame)
        return frame
