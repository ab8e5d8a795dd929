"""The newest bars of every symbol."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.patterns.candles import WindowCandles
from tickstockpl.market.bars import Index, MinuteBars

DEPTH: Final = 16
"""Bars kept per symbol: a five-bar pattern, the ten bars before it on which its averages rest, and one to move from."""


class BarWindow:
    """A ring of the last :data:`DEPTH` bars per symbol, whatever minutes they are of.

    A symbol without trades in a minute has no bar for it, so each symbol's ring stands at a place of its own. Memory:
    512 bytes a symbol; a push and a read of all symbols cost one scatter and four gathers.

    Args:
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, symbol_count: int) -> None:
        self._prices = np.full((4, DEPTH, symbol_count), np.nan)
        self._newest = np.zeros(symbol_count, dtype=np.intp)

    def push(self, bars: MinuteBars) -> None:
        """Take in a minute."""
        index = bars.index
        newest = (self._newest[index] + 1) % DEPTH
        self._newest[index] = newest
        for column, values in zip(self._prices, (bars.open, bars.high, bars.low, bars.close), strict=True):
            column[newest, index] = values

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which symbols have had a bar, shape (symbols,)."""
        return ~np.isnan(self._prices[0]).all(axis=0)

    def candles(self, index: Index) -> WindowCandles:
        """The windows of some symbols, newest bar first; NaN where a symbol has no bars yet."""
        rows = (self._newest[index] - np.arange(DEPTH)[:, np.newaxis]) % DEPTH
        places = rows * self._prices.shape[-1] + index
        open_, high, low, close = (column.ravel().take(places) for column in self._prices)
        return WindowCandles(open_, high, low, close)
