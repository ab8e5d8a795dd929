"""Relative strength indices of all symbols at once."""

import numpy as np

from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import TalibIndicator
from tickstockpl.market.bars import MinuteBars


class RsiBank:
    """TA-Lib's ``RSI`` for every symbol.

    The average gain and the average loss begin as the sums of the first ``period`` changes times ``1 / period``. From
    then on TA-Lib multiplies each by ``period - 1``, adds the newest and multiplies by ``1 / period``: a product, not a
    quotient, which has other bits. Memory: 32 bytes a symbol; cost: a few gathers and scatters a minute.

    Args:
        definition: an indicator of TA-Lib's function ``RSI``.
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, definition: TalibIndicator, symbol_count: int) -> None:
        self.definition = definition
        (self._input,) = definition.inputs
        self._period = int(definition.arguments["timeperiod"])
        self._seen = np.zeros(symbol_count, dtype=np.int64)
        self._last = np.zeros(symbol_count)
        self._averages = np.zeros((2, symbol_count))

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        """Give each of some symbols its newest bar; the values are of those that are warm."""
        symbols = bars.index
        values = getattr(bars, self._input)
        changes = self._seen[symbols]  # this bar's included: a symbol's first bar has none
        change = np.where(changes > 0, values - self._last[symbols], 0.0)
        self._last[symbols] = values
        self._seen[symbols] += 1
        gain = np.where(change > 0, change, 0.0)
        moved = np.array([gain, gain - change])
        # Multiplying by 1 changes no bits: sums that are still growing take the same way.
        decay = np.where(changes > self._period, self._period - 1.0, 1.0)
        scale = np.where(changes >= self._period, 1.0 / self._period, 1.0)
        self._averages[:, symbols] = averages = (self._averages[:, symbols] * decay + moved) * scale
        rows = np.flatnonzero(changes >= self._period)
        gained, lost = averages[:, rows]
        total = gained + lost
        index = 100.0 * np.divide(gained, total, out=np.zeros(len(rows)), where=total > 0)
        return IndicatorColumns.of(self.definition, rows, (index,), bars.close)
