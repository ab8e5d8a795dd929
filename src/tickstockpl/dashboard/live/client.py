"""One open page, as the hub sees it: a place in the stream, and a wire."""

import asyncio
from typing import Final, NamedTuple

from tickstockpl.dashboard.live.filters import EVERYTHING, StreamFilter
from tickstockpl.dashboard.live.wire import MAX_UNSENT_BYTES, Wire

UNREAD_LIMIT_S: Final = 10.0
"""A client that takes nothing at all for so long is closed. The kernel tells of what it took in pieces of some 90 kB:
one that reads 10 kB a second stays."""


class Place(NamedTuple):
    """Up to where somebody has followed the stream.

    Attributes:
        epoch: of the stream.
        seq: of the last frame that they were sent.
    """

    epoch: str
    seq: int


class Client:
    """Nothing is queued for a client: it has a place, and is sent what came since whenever its wire has room.

    Args:
        wire: of its connection.
        wants: what of the stream.
        place: where it left off; ``None`` begins with a snapshot.

    Attributes:
        told: its place.
        frame: the frame up to which there was nothing for it that it was not sent.
        dismissed: set when it has read nothing for too long.
    """

    def __init__(self, wire: Wire, wants: StreamFilter = EVERYTHING, place: Place | None = None) -> None:
        self.wire = wire
        self.wants = wants
        self.told = place
        self.frame = -1 if place is None else place.seq
        self.dismissed = asyncio.Event()
        self._stuck_at: tuple[int, float] | None = None

    def has_room(self, now_s: float) -> bool:
        """Whether its wire can take a frame; sets :attr:`dismissed` when it has taken nothing for too long."""
        unsent = self.wire.unsent
        if unsent <= MAX_UNSENT_BYTES:
            self._stuck_at = None
            return True
        if self._stuck_at is None or self._stuck_at[0] != unsent:
            self._stuck_at = (unsent, now_s)
        elif now_s - self._stuck_at[1] >= UNREAD_LIMIT_S:
            self.dismissed.set()
        return False
