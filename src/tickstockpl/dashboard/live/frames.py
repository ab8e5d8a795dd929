"""From the board to bytes: each frame is encoded once for all clients that are at the same place and want the same."""

from collections.abc import Callable

from tickstockpl.dashboard.live.board import Board
from tickstockpl.dashboard.live.client import Client, Place
from tickstockpl.dashboard.live.filters import StreamFilter
from tickstockpl.dashboard.live.protocol import Fields, encode_frame
from tickstockpl.dashboard.live.wire import framed

_From = tuple[StreamFilter, int, Place | None]


class Frames:
    """The frames that bring clients up to now.

    Args:
        board: what is told.
        on_frame: called with each frame's kind and size when it is encoded.
    """

    def __init__(self, board: Board, on_frame: Callable[[str, int], None]) -> None:
        self._board = board
        self._on_frame = on_frame
        self._now: Place | None = None
        self._encoded: dict[_From, bytes | None] = {}
        self._fields: dict[int, Fields] = {}

    def cut(self, epoch: str) -> Place:
        """Close the open frame; gives the place that clients come to be in."""
        now = Place(epoch, self._board.cut())
        if now != self._now:
            self._now = now
            self._encoded.clear()
            self._fields.clear()
        return now

    def for_(self, client: Client, now: Place) -> bytes | None:
        """What brings a client from its place to the newest, ``None`` if nothing happened that it wants."""
        told = client.told
        if told is not None and (told.epoch != now.epoch or told.seq > now.seq):
            told = None
        key = (client.wants, -1 if told is None else client.frame, told)
        if key not in self._encoded:
            self._encoded[key] = self._encode(client.wants, key[1], told, now)
        return self._encoded[key]

    def _encode(self, wants: StreamFilter, frame: int, told: Place | None, now: Place) -> bytes | None:
        if told is None:
            fields = wants.apply(self._board.snapshot())
            text = encode_frame("snapshot", {"epoch": now.epoch, "seq": now.seq}, fields)
        else:
            if frame not in self._fields:
                self._fields[frame] = self._board.since(frame)
            fields = {name: value for name, value in wants.apply(self._fields[frame]).items() if value not in ([], {})}
            if not fields:
                return None
            text = encode_frame("delta", {"epoch": now.epoch, "since": told.seq, "seq": now.seq}, fields)
        self._on_frame("delta" if told is not None else "snapshot", len(text))
        return framed(text)
