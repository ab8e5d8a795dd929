"""The bars of one minute that is not over yet."""

import numpy as np

from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.trades import HIGH_LOW, OPEN_CLOSE, VOLUME, Trades

_FIRST = np.iinfo(np.int64).max
_LAST = np.iinfo(np.int64).min

_UNSEEN = 1.0
"""The price of a row that counts for volume alone."""


class FormingMinute:
    """The unfinished bars of one minute, as columns over the universe.

    Args:
        symbol_count: symbols of the universe.
    """

    def __init__(self, symbol_count: int) -> None:
        self._open = np.zeros(symbol_count)
        self._high = np.full(symbol_count, -np.inf)
        self._low = np.full(symbol_count, np.inf)
        self._close = np.zeros(symbol_count)
        self._volume = np.zeros(symbol_count)
        # The sequences of the trades that stand in open and close; _FIRST and _LAST where there is none.
        self._opened_by = np.full(symbol_count, _FIRST)
        self._closed_by = np.full(symbol_count, _LAST)

    def merge(self, trades: Trades) -> None:
        """Take in sound trades of the minute, with their sequence, in order of arrival."""
        self._range(_counting(trades, OPEN_CLOSE | HIGH_LOW))
        self._open_and_close(_counting(trades, OPEN_CLOSE))
        # Trade by trade, in order of arrival: a sum that was chopped differently would round differently.
        counted = _counting(trades, VOLUME)
        np.add.at(self._volume, counted.index, counted.size)

    def bars(self, minute_ms: int) -> MinuteBars:
        """The bars as they stand, of the symbols that have an open and a close."""
        index = np.flatnonzero(self._closed_by != _LAST)
        return MinuteBars(
            minute_ms,
            index,
            self._open[index],
            self._high[index],
            self._low[index],
            self._close[index],
            np.rint(self._volume[index]).astype(np.int64),
        )

    def trades(self, minute_ms: int) -> Trades:
        """The fewest trades that give the same bars: at most five a symbol."""
        opened = np.flatnonzero(self._closed_by != _LAST)
        ranged = np.flatnonzero(self._high != -np.inf)
        sold = np.flatnonzero(self._volume)
        parts = (
            (opened, self._open[opened], None, OPEN_CLOSE, self._opened_by[opened]),
            (opened, self._close[opened], None, OPEN_CLOSE, self._closed_by[opened]),
            (ranged, self._high[ranged], None, HIGH_LOW, None),
            (ranged, self._low[ranged], None, HIGH_LOW, None),
            (sold, np.full(len(sold), _UNSEEN), self._volume[sold], VOLUME, None),
        )
        index = np.concatenate([part[0] for part in parts])
        return Trades(
            time_ms=np.full(len(index), minute_ms),
            index=index,
            price=np.concatenate([part[1] for part in parts]),
            size=np.concatenate([np.zeros(len(part[0])) if part[2] is None else part[2] for part in parts]),
            counts_for=np.concatenate([np.full(len(part[0]), part[3], np.uint8) for part in parts]),
            sequence=np.concatenate(
                [np.zeros(len(part[0]), np.int64) if part[4] is None else part[4] for part in parts]
            ),
        )

    def _range(self, trades: Trades) -> None:
        np.maximum.at(self._high, trades.index, trades.price)
        np.minimum.at(self._low, trades.index, trades.price)

    def _open_and_close(self, trades: Trades) -> None:
        index, price, sequence = trades.index, trades.price, trades.sequence
        if sequence is None:
            raise ValueError("trades without a sequence cannot be merged")
        # Of an assignment to repeated positions NumPy keeps the last: backwards, that is the first trade.
        earlier = np.flatnonzero(sequence < self._opened_by[index])[::-1]
        np.minimum.at(self._opened_by, index[earlier], sequence[earlier])
        first = earlier[sequence[earlier] == self._opened_by[index[earlier]]]
        self._open[index[first]] = price[first]
        np.maximum.at(self._closed_by, index, sequence)
        last = np.flatnonzero(sequence == self._closed_by[index])
        self._close[index[last]] = price[last]


def _counting(trades: Trades, what: int) -> Trades:
    """The trades that count for something."""
    if trades.counts_for is None:
        return trades
    counts = trades.counts_for & what != 0
    return trades if counts.all() else trades.take(counts)
