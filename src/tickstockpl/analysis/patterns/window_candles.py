"""Candles worked out from windows of bars."""

from collections.abc import Mapping
from functools import reduce
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tickstockpl.analysis.patterns.candles import USUAL_PERIOD, Candles, Part
from tickstockpl.analysis.patterns.settings import CandleSetting
from tickstockpl.market.bars import Floats

SMALLEST_UNIT: Final = 1e-6
"""The least usual range, as a share of the price: in a market that stood still nothing must be as high as usual."""


class WindowCandles(Candles):
    """Candles from their prices; what was computed once is kept.

    Args:
        open_: first prices, shape (depth, lanes), row k is k bars ago; made read-only, as all quantities are.
        high: highest prices, same shape.
        low: lowest prices, same shape.
        close: last prices, same shape.
    """

    def __init__(self, open_: Floats, high: Floats, low: Floats, close: Floats) -> None:
        super().__init__()
        self._prices: Mapping[str, Floats] = {"open": open_, "high": high, "low": low, "close": close}
        for prices in self._prices.values():
            prices.setflags(write=False)
        self._depth = len(close)
        self._parts: dict[tuple[Part, int], Floats] = {}
        self._averages: dict[tuple[CandleSetting, int], Floats] = {}
        # Bars are missing from the oldest on, so where the oldest are all there, all are.
        self._complete = not np.isnan(close[-1]).any()

    @classmethod
    def of_series(cls, open_: Floats, high: Floats, low: Floats, close: Floats, depth: int) -> "WindowCandles":
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

    def part(self, part: Part, ago: int) -> Floats:
        """A quantity of the bar ``ago`` bars ago."""
        if part in self._prices:
            if not 0 <= ago < self._depth:
                raise IndexError(
                    f"the {part} {ago} bars ago was asked for, where {self._depth} bars are kept; "
                    "a pattern's bars, and ten before them, are"
                )
            return self._prices[part][ago]
        key = (part, ago)
        if key not in self._parts:
            computed = self._computed(part, ago)
            computed.setflags(write=False)  # others read it too
            self._parts[key] = computed
        return self._parts[key]

    def average(self, setting: CandleSetting, ago: int) -> Floats:
        """What ``setting`` compares the bar ``ago`` bars ago with."""
        key = (setting, ago)
        if key not in self._averages:
            averaged = self._averaged(setting, ago)
            averaged.setflags(write=False)
            self._averages[key] = averaged
        return self._averages[key]

    def _computed(self, part: Part, ago: int) -> Floats:
        match part:
            case "body":
                return np.abs(self.close(ago) - self.open(ago))
            case "range":
                return self.high(ago) - self.low(ago)
            case "body_top":
                return np.maximum(self.open(ago), self.close(ago))
            case "body_bottom":
                return np.minimum(self.open(ago), self.close(ago))
            case "upper_shadow":
                return self.high(ago) - self.body_top(ago)
            case "lower_shadow":
                return self.body_bottom(ago) - self.low(ago)
            case "shadows":
                return self.upper_shadow(ago) + self.lower_shadow(ago)
            case "true_range":
                return self._true_range(ago)
            case "usual_range":
                return np.maximum(self._mean_before("true_range", ago, USUAL_PERIOD), SMALLEST_UNIT * self.close(0))
            case "unit":
                return self.usual_range(-1)
            case "highest":
                return self.high(0) if ago == 0 else np.maximum(self.part("highest", ago - 1), self.high(ago))
            case "lowest":
                return self.low(0) if ago == 0 else np.minimum(self.part("lowest", ago - 1), self.low(ago))
            case "highest_close_before":
                return reduce(np.fmax, self._closes_before(ago))
            case "lowest_close_before":
                return reduce(np.fmin, self._closes_before(ago))
            case _:
                raise ValueError(f"candles have no {part!r}")

    def _closes_before(self, ago: int) -> list[Floats]:
        return [self.close(before) for before in range(ago + 1, ago + 1 + USUAL_PERIOD)]

    def _true_range(self, ago: int) -> Floats:
        if ago + 1 == self._depth:
            return self.range(ago)
        before = self.close(ago + 1)
        return np.fmax(self.high(ago), before) - np.fmin(self.low(ago), before)

    def _averaged(self, setting: CandleSetting, ago: int) -> Floats:
        if setting.period == 0:
            return setting.factor * self.part(setting.measure, ago)
        mean = self._mean_before(setting.measure, ago, setting.period)
        average: Floats = setting.factor * np.where(np.isnan(mean), self.range(ago), mean)
        # As TA-Lib does it, and last, as it does: what is compared with is one shadow, not both.
        return average / 2.0 if setting.measure == "shadows" else average

    def _mean_before(self, part: Part, ago: int, period: int) -> Floats:
        """Mean of a quantity over the ``period`` bars before a bar, or those there are; NaN where there are none."""
        # Oldest first, the order in which TA-Lib sums: the same numbers then round the same way.
        newest_last = [self.part(part, before) for before in range(ago + period, ago, -1)]
        total = np.zeros(newest_last[0].shape)
        if self._complete:
            for values in newest_last:
                total += values
            return total / period
        count = np.zeros(total.shape)
        for values in newest_last:
            there = ~np.isnan(values)
            np.add(total, values, out=total, where=there)
            count += there
        with np.errstate(invalid="ignore"):
            mean: Floats = total / count
        return mean
