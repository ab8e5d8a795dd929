"""Ready-made minute bars between the thread that reads them and the one that plays them."""

import threading
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from tickstockpl.feeds.base import Batch, FeedReport
from tickstockpl.feeds.massive.columns import LAST_MS, UNKNOWN, Positions
from tickstockpl.feeds.massive.messages import MinuteMessage
from tickstockpl.market.bars import MINUTE_MS, VOLUME_LIMIT, MinuteBars

KNOWN_MINUTES: Final = 20
"""Minutes that are out and still known: a late trade changes a bar for up to 15 minutes."""

MOST_WAITING: Final = 30
"""Minutes that wait to go out; no market sends bars of so many at once."""

BarValues = tuple[float, float, float, float, float]
"""open, high, low, close, volume"""

Bars = dict[int, BarValues]
"""By the symbol's position."""


class MinuteInbox:
    """Gathers the bars of each minute until it is to go out.

    Of a bar that comes again the last counts; one that comes again, or for the first time, when its minute is out is a
    revision.

    Args:
        positions: of the universe's symbols.
        report: counts bars of other symbols, those without a usable start, and those that come again as they were.
    """

    def __init__(self, positions: Positions, report: FeedReport) -> None:
        self._positions = positions
        self._report = report
        self._lock = threading.Lock()
        self._waiting: dict[int, Bars] = {}
        self._out: dict[int, Bars] = {}
        self._revised: dict[int, Bars] = {}
        self._begin_ms = 0
        self._out_until_ms = 0
        self._is_attended = False

    def put(self, messages: Sequence[MinuteMessage]) -> None:
        """Take bars in order of arrival."""
        with self._lock:
            for message in messages:
                position = self._positions[message.sym]
                if position == UNKNOWN:
                    self._report.outside_universe += 1
                elif not (0 < message.s < LAST_MS and message.s % MINUTE_MS == 0 and 0 <= message.v < VOLUME_LIMIT):
                    self._report.rejected += 1
                else:
                    bar = (message.o, message.h, message.l, message.c, message.v)
                    self._put(int(message.s), position, bar)

    def attend(self, from_ms: int) -> int:
        """From now on the inbox is emptied."""
        with self._lock:
            gone_ms = self._out_until_ms
            self._is_attended = True
            self._begin_ms = self._out_until_ms = from_ms
            self._out.clear()
            self._revised.clear()
            self._waiting = {minute_ms: bars for minute_ms, bars in self._waiting.items() if minute_ms >= from_ms}
            return gone_ms

    def leave(self) -> None:
        """Nobody empties the inbox for now."""
        with self._lock:
            self._is_attended = False

    def batches(self, until_ms: int) -> Iterator[Batch]:
        """The bars of each minute that is over, and the revisions that have come."""
        with self._lock:
            over = sorted(minute_ms for minute_ms in self._waiting if minute_ms + MINUTE_MS <= until_ms)
            batches = [Batch(minute_ms + MINUTE_MS, self._send(minute_ms, {})) for minute_ms in over]
            self._out_until_ms = max(self._out_until_ms, until_ms - until_ms % MINUTE_MS)
            revised, self._revised = self._revised, {}
        yield from batches
        yield Batch(until_ms, revised=tuple(_columns(minute_ms, revised[minute_ms]) for minute_ms in sorted(revised)))

    def complete(self, minute_ms: int, fetched: MinuteBars | None) -> MinuteBars | None:
        """A minute's bars as they were fetched, and those that had come of other symbols."""
        with self._lock:
            self._out_until_ms = max(self._out_until_ms, minute_ms + MINUTE_MS)
            return self._send(minute_ms, {} if fetched is None else _values(fetched))

    def _put(self, minute_ms: int, position: int, bar: BarValues) -> None:
        if minute_ms < self._begin_ms:
            self._report.outside_hours += 1
        elif minute_ms + MINUTE_MS <= self._out_until_ms:
            known = self._out.get(minute_ms)
            if known is not None and known.get(position) == bar:
                self._report.duplicates += 1
                return
            if known is not None:
                known[position] = bar
            self._revised.setdefault(minute_ms, {})[position] = bar
        else:
            waiting = self._waiting.setdefault(minute_ms, {})
            self._report.duplicates += waiting.get(position) == bar
            waiting[position] = bar
            self._prune()

    def _prune(self) -> None:
        """Keep what waits within bounds: of a session that nobody plays the oldest minute goes, else the furthest."""
        while len(self._waiting) > MOST_WAITING:
            if self._is_attended:
                self._report.rejected += len(self._waiting.pop(max(self._waiting)))
            else:
                oldest_ms = min(self._waiting)
                del self._waiting[oldest_ms]
                self._out_until_ms = max(self._out_until_ms, oldest_ms + MINUTE_MS)

    def _send(self, minute_ms: int, fetched: Bars) -> MinuteBars | None:
        bars = self._waiting.pop(minute_ms, {}) | fetched
        self._out[minute_ms] = bars
        while len(self._out) > KNOWN_MINUTES:
            del self._out[min(self._out)]
        return _columns(minute_ms, bars) if bars else None


def _columns(minute_ms: int, bars: Bars) -> MinuteBars:
    positions = sorted(bars)
    rows = np.array([bars[position] for position in positions], np.float64)
    open_, high, low, close, volume = np.ascontiguousarray(rows.T)
    return MinuteBars(
        minute_ms, np.array(positions, np.intp), open_, high, low, close, np.rint(volume).astype(np.int64)
    )


def _values(bars: MinuteBars) -> Bars:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume.astype(np.float64))
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(bars.index.tolist(), rows, strict=True))
