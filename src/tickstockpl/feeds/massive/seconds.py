"""Second bars as trades: what a minute's bar is built of where single trades are not wanted."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.massive.columns import LAST_MS, UNKNOWN, Positions
from tickstockpl.feeds.massive.messages import SecondMessage
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.trades import HIGH_LOW, OPEN_CLOSE, VOLUME, Trades

KNOWN_MINUTES: Final = 3
"""Minutes of which each second is known: the one that is over, and those that form."""

Row = tuple[int, int, float, float, int, int]
"""time, symbol's position, price, size, what it counts for, sequence"""


class SecondColumns:
    """Makes columns of second bars: each is worth four trades, its open, high, low and close.

    A second that comes again, because a late trade has changed it, adds the shares that it has more, and its prices.

    Args:
        positions: of the universe's symbols.
        report: counts bars of other symbols, those without a usable start or volume, and those that come again.
    """

    def __init__(self, positions: Positions, report: FeedReport) -> None:
        self._positions = positions
        self._report = report
        self._volumes: dict[int, dict[tuple[int, int], float]] = {}

    def trades(self, messages: Sequence[SecondMessage]) -> Trades:
        """The worth of some second bars, in their order; there may be nothing left."""
        rows = [row for message in messages for row in self._rows(message)]
        time, index, price, size, counts_for, sequence = zip(*rows, strict=True) if rows else ((),) * 6
        return Trades(
            np.array(time, np.int64),
            np.array(index, np.intp),
            np.array(price, np.float64),
            np.array(size, np.float64),
            np.array(counts_for, np.uint8),
            np.array(sequence, np.int64),
        )

    def _rows(self, message: SecondMessage) -> Iterator[Row]:
        position = self._positions[message.sym]
        if position == UNKNOWN:
            self._report.outside_universe += 1
            return
        if not (0 < message.s < LAST_MS and message.v >= 0):
            self._report.rejected += 1
            return
        start_ms = int(message.s)
        volumes = self._volumes_of(start_ms)
        known = volumes.get((position, start_ms))
        if known is not None and message.v <= known:
            self._report.duplicates += 1
            return
        if known is None:
            yield start_ms, position, message.o, 0.0, OPEN_CLOSE, 2 * start_ms
        volumes[position, start_ms] = message.v
        yield start_ms, position, message.h, 0.0, HIGH_LOW, 0
        yield start_ms, position, message.l, 0.0, HIGH_LOW, 0
        yield start_ms, position, message.c, message.v - (known or 0.0), OPEN_CLOSE | VOLUME, 2 * start_ms + 1

    def _volumes_of(self, start_ms: int) -> dict[tuple[int, int], float]:
        volumes = self._volumes.setdefault(start_ms - start_ms % MINUTE_MS, {})
        while len(self._volumes) > KNOWN_MINUTES:
            del self._volumes[min(self._volumes)]
        return volumes
