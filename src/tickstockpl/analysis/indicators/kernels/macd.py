"""Moving average convergence divergence of all symbols at once."""

import numpy as np

from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import TalibIndicator
from tickstockpl.analysis.indicators.kernels.fma import fused_multiply_add
from tickstockpl.market.bars import Floats, Integers, MinuteBars


class MacdBank:
    """TA-Lib's ``MACD`` for every symbol.

    Three exponential averages: fast and slow of the values, and the signal line of their difference. The fast one
    begins so much later that both have their first average on the same bar. Memory: 32 bytes a symbol.

    Args:
        definition: an indicator of TA-Lib's function ``MACD``.
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, definition: TalibIndicator, symbol_count: int) -> None:
        self.definition = definition
        (self._input,) = definition.inputs
        arguments = {name: int(value) for name, value in definition.arguments.items()}
        self._fast, self._slow = sorted((arguments["fastperiod"], arguments["slowperiod"]))
        self._signal = arguments["signalperiod"]
        self._seen = np.zeros(symbol_count, dtype=np.int64)
        self._averages = np.zeros((3, symbol_count))

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        """Give each of some symbols its newest bar; the values are of those that are warm."""
        symbols = bars.index
        values = getattr(bars, self._input)
        self._seen[symbols] += 1
        seen = self._seen[symbols]
        fast, slow, signal = self._averages[:, symbols]
        fast = _averaged(fast, values, seen - (self._slow - self._fast), self._fast)
        slow = _averaged(slow, values, seen, self._slow)
        line = fast - slow
        signal = _averaged(signal, line, seen - (self._slow - 1), self._signal)
        self._averages[:, symbols] = fast, slow, signal
        rows = np.flatnonzero(seen >= self._slow + self._signal - 1)
        line, signal = line[rows], signal[rows]
        return IndicatorColumns.of(self.definition, rows, (line, signal, line - signal), bars.close)


def _averaged(average: Floats, values: Floats, count: Integers, period: int) -> Floats:
    """Exponential averages after one more value: a sum at first, then the mean, then the recurrence.

    Args:
        average: of the values before; a sum while there were fewer than ``period``.
        values: the newest.
        count: how many there are with them; 0 or less where there is none yet.
        period: of the average.
    """
    if period == 1:  # TA-Lib copies then, which its recurrence would only nearly do
        return np.where(count > 0, values, 0.0)
    smoothed = fused_multiply_add(values - average, 2.0 / (period + 1), average)
    if (count > period).all():
        return smoothed
    total = np.where(count > 0, average + values, 0.0)
    return np.where(count > period, smoothed, np.where(count == period, total / period, total))
