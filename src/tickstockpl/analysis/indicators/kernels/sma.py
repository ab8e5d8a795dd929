"""Simple moving averages of all symbols at once."""

import numpy as np

from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import TalibIndicator
from tickstockpl.market.bars import MinuteBars


class SmaBank:
    """TA-Lib's ``SMA`` for every symbol.

    TA-Lib keeps a running total: it adds the newest value, divides by the period, and then subtracts the value that
    leaves the window. The same three operations in the same order give the same bits. Memory: 8 bytes a symbol and bar
    of the period; cost: a few gathers and scatters a minute, whatever the period.

    Args:
        definition: an indicator of TA-Lib's function ``SMA``.
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, definition: TalibIndicator, symbol_count: int) -> None:
        self.definition = definition
        (self._input,) = definition.inputs
        self._period = int(definition.arguments["timeperiod"])
        self._ring = np.zeros((self._period, symbol_count))
        self._seen = np.zeros(symbol_count, dtype=np.int64)
        self._total = np.zeros(symbol_count)

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        """Give each of some symbols its newest bar; the values are of those that are warm."""
        symbols = bars.index
        values = getattr(bars, self._input)
        place = self._seen[symbols] % self._period
        self._ring[place, symbols] = values
        self._seen[symbols] += 1
        total = self._total[symbols] + values
        rows = np.flatnonzero(self._seen[symbols] >= self._period)
        # Until the ring is full the place after the newest holds 0: nothing leaves.
        self._total[symbols] = total - self._ring[(place + 1) % self._period, symbols]
        return IndicatorColumns.of(self.definition, rows, (total[rows] / self._period,), bars.close)
