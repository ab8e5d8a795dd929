"""The newest bars of every symbol."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.window_candles import WindowCandles
from tickstockpl.market.bars import Index, MinuteBars

DEPTH: Final = 16
"""Bars that TA-Lib's patterns need: five, the ten before them on which averages rest, and one to move from."""


class BarWindow:
    """A ring of the last bars per symbol, whatever minutes they are of.

    A symbol without trades in a minute has no bar for it, so each symbol's ring stands at a place of its own. Memory:
    32 bytes a symbol and bar; a push and a read of all symbols cost one scatter and four gathers.

    Args:
        symbol_count: how many symbols the universe has.
        depth: how many bars are kept of each.
    """

    def __init__(self, symbol_count: int, depth: int = DEPTH) -> None:
        self._depth = depth
        self._prices = np.full((4, depth, symbol_count), np.nan)
        self._newest = np.zeros(symbol_count, dtype=np.intp)

    def push(self, bars: MinuteBars) -> None:
        """Take in a minute."""
        index = bars.index
        newest = (self._newest[index] + 1) % self._depth
        self._newest[index] = newest
        for column, values in zip(self._prices, (bars.open, bars.high, bars.low, bars.close), strict=True):
            column[newest, index] = values

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which symbols have had a bar, shape (symbols,)."""
        return ~np.isnan(self._prices[0]).all(axis=0)

    def candles(self, index: Index) -> WindowCandles:
        """The windows of some symbols, newest bar first; NaN where a symbol has no bars yet."""
        rows = (self._newest[index] - np.arange(self._depth)[:, np.newaxis]) % self._depth
        places = rows * self._prices.shape[-1] + index
        open_, high, low, close = (column.ravel().take(places) for column in self._prices)
        return WindowCandles(open_, high, low, close)


def depth_for(patterns: Iterable[PatternDefinition]) -> int:
    """How many bars a window must keep to find some patterns in it."""
    return max((DEPTH, *(pattern.history + 1 for pattern in patterns)))
