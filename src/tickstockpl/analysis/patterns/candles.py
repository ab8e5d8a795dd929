"""The vocabulary in which patterns are written: body, shadows, range, and what counts as long or short.

The averages and their defaults are TA-Lib's candle settings (``ta_global.c``, ``TA_RestoreCandleDefaultSettings``):
a bar is compared with the mean of the ``period`` bars *before* it.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tickstockpl.market.bars import Floats

RANGE_PERIOD = 10
"""Bars over which the usual range, the unit of price distances, is averaged."""

SMALLEST_UNIT = 1e-6
"""The least unit, as a share of the price: a market that stood still must not divide by zero."""


class Measure(Enum):
    """What of a bar is averaged."""

    BODY = "body"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class CandleSetting:
    """What long, short or near means: ``factor`` times the mean ``measure`` of the ``period`` bars before.

    With a ``period`` of 0 the bar is compared with itself.
    """

    measure: Measure
    period: int
    factor: float


BODY_LONG = CandleSetting(Measure.BODY, 10, 1.0)
BODY_SHORT = CandleSetting(Measure.BODY, 10, 1.0)
BODY_DOJI = CandleSetting(Measure.RANGE, 10, 0.1)
SHADOW_LONG = CandleSetting(Measure.BODY, 0, 1.0)
SHADOW_VERY_SHORT = CandleSetting(Measure.RANGE, 10, 0.1)
NEAR = CandleSetting(Measure.RANGE, 5, 0.2)


class Candles:
    """Windows of bars, many at once: one lane per symbol, or per moment of a series.

    ``open(0)`` is the newest bar of every lane, ``open(1)`` the one before. A bar that a lane does not have is NaN.

    Args:
        open_: first prices, shape (depth, lanes), row k is k bars ago.
        high: highest prices, same shape.
        low: lowest prices, same shape.
        close: last prices, same shape.
    """

    def __init__(self, open_: Floats, high: Floats, low: Floats, close: Floats) -> None:
        self._open = open_
        self._high = high
        self._low = low
        self._close = close
        self._averages: dict[tuple[CandleSetting, int], Floats] = {}

    @classmethod
    def of_series(cls, open_: Floats, high: Floats, low: Floats, close: Floats, depth: int) -> "Candles":
        """The window that ends at each bar of a series: lane t sees bars t, t-1, … (what came before is NaN).

        Args:
            open_: first prices, shape (bars,); the other three alike.
            high: highest prices.
            low: lowest prices.
            close: last prices.
            depth: how many bars a lane sees.
        """

        def windows(series: Floats) -> Floats:
            padded = np.concatenate([np.full(depth - 1, np.nan), series])
            return sliding_window_view(padded, depth).T[::-1]

        return cls(windows(open_), windows(high), windows(low), windows(close))

    def open(self, ago: int) -> Floats:
        """First price of the bar ``ago`` bars ago."""
        return self._open[ago]

    def high(self, ago: int) -> Floats:
        """Highest price of the bar ``ago`` bars ago."""
        return self._high[ago]

    def low(self, ago: int) -> Floats:
        """Lowest price of the bar ``ago`` bars ago."""
        return self._low[ago]

    def close(self, ago: int) -> Floats:
        """Last price of the bar ``ago`` bars ago."""
        return self._close[ago]

    def body(self, ago: int) -> Floats:
        """Height of the real body: how far open and close are apart."""
        return self._bodies[ago]

    def range(self, ago: int) -> Floats:
        """From low to high."""
        return self._ranges[ago]

    def body_top(self, ago: int) -> Floats:
        """The higher of open and close."""
        return self._tops[ago]

    def body_bottom(self, ago: int) -> Floats:
        """The lower of open and close."""
        return self._bottoms[ago]

    def upper_shadow(self, ago: int) -> Floats:
        """From the body's top to the high."""
        return self._high[ago] - self._tops[ago]

    def lower_shadow(self, ago: int) -> Floats:
        """From the low to the body's bottom."""
        return self._bottoms[ago] - self._low[ago]

    def average(self, setting: CandleSetting, ago: int) -> Floats:
        """What ``setting`` compares the bar ``ago`` bars ago with.

        Until the setting's period is full the mean is over the bars there are; a bar with none before it is compared
        with its own range.
        """
        key = (setting, ago)
        if key not in self._averages:
            self._averages[key] = setting.factor * self._mean(setting, ago)
        return self._averages[key]

    @cached_property
    def unit(self) -> Floats:
        """The usual range of a bar, mean of the newest :data:`RANGE_PERIOD`: what price distances are measured in."""
        ranges = self._ranges[:RANGE_PERIOD]
        there = ~np.isnan(ranges)
        mean = np.where(there, ranges, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        return np.maximum(mean, SMALLEST_UNIT * self._close[0])

    def _mean(self, setting: CandleSetting, ago: int) -> Floats:
        values = self._bodies if setting.measure is Measure.BODY else self._ranges
        if setting.period == 0:
            return values[ago]
        # Oldest first, the order in which TA-Lib sums: the same numbers then round the same way.
        before = values[ago + 1 : ago + 1 + setting.period][::-1]
        there = ~np.isnan(before)
        count = there.sum(axis=0)
        mean = np.where(there, before, 0.0).sum(axis=0) / np.maximum(count, 1)
        return np.where(count > 0, mean, self._ranges[ago])

    @cached_property
    def _bodies(self) -> Floats:
        return np.abs(self._close - self._open)

    @cached_property
    def _ranges(self) -> Floats:
        return self._high - self._low

    @cached_property
    def _tops(self) -> Floats:
        return np.maximum(self._open, self._close)

    @cached_property
    def _bottoms(self) -> Floats:
        return np.minimum(self._open, self._close)
