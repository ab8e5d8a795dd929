"""The candles of many symbols at once, and other ways to look at them: upside down, and some of them.

A *lane* is one window of bars: a symbol's newest ones, or, in a series, those that end at one of its bars. Every
quantity is an array over lanes; ``ago`` counts bars back from a lane's newest, which is 0. What a lane does not have
is NaN.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property, reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tickstockpl.analysis.patterns.settings import CandleSetting
from tickstockpl.market.bars import Floats, Index

if TYPE_CHECKING:
    from tickstockpl.analysis.patterns.conditions import Condition

USUAL_PERIOD: Final = 10
"""Bars over which the usual range is averaged, and within which a move is looked for."""

SMALLEST_UNIT: Final = 1e-6
"""The least unit, as a share of the price: a market that stood still must not divide by zero."""

Part = Literal[
    "open",
    "high",
    "low",
    "close",
    "body",
    "range",
    "body_top",
    "body_bottom",
    "upper_shadow",
    "lower_shadow",
    "shadows",
    "true_range",
    "usual_range",
    "unit",
    "highest",
    "lowest",
    "highest_close_before",
    "lowest_close_before",
]
"""What can be asked of a bar."""


class Candles(ABC):
    """The quantities in which patterns are written, and which conditions they meet."""

    def __init__(self) -> None:
        self._masks: dict[Condition, NDArray[np.bool_]] = {}
        self._margins: dict[Condition, Floats] = {}

    def holds(self, condition: "Condition") -> NDArray[np.bool_]:
        """Where a condition is met, shape (lanes,); worked out once, however many patterns share it."""
        mask = self._masks.get(condition)
        if mask is None:
            mask = self._masks[condition] = condition.holds(self)
        return mask

    def margin(self, condition: "Condition") -> Floats:
        """How clearly a condition is met, shape (lanes,); worked out once."""
        margin = self._margins.get(condition)
        if margin is None:
            margin = self._margins[condition] = condition.margin(self)
        return margin

    @abstractmethod
    def part(self, part: Part, ago: int) -> Floats:
        """A quantity of the bar ``ago`` bars ago, shape (lanes,); not to be written to."""

    @abstractmethod
    def average(self, setting: CandleSetting, ago: int) -> Floats:
        """What ``setting`` compares the bar ``ago`` bars ago with.

        Until the setting's period is full the mean is over the bars there are; a bar with none before it is compared
        with its own range.
        """

    def open(self, ago: int) -> Floats:
        """First price."""
        return self.part("open", ago)

    def high(self, ago: int) -> Floats:
        """Highest price."""
        return self.part("high", ago)

    def low(self, ago: int) -> Floats:
        """Lowest price."""
        return self.part("low", ago)

    def close(self, ago: int) -> Floats:
        """Last price."""
        return self.part("close", ago)

    def body(self, ago: int) -> Floats:
        """Height of the real body: how far open and close are apart."""
        return self.part("body", ago)

    def range(self, ago: int) -> Floats:
        """From low to high."""
        return self.part("range", ago)

    def body_top(self, ago: int) -> Floats:
        """The higher of open and close."""
        return self.part("body_top", ago)

    def body_bottom(self, ago: int) -> Floats:
        """The lower of open and close."""
        return self.part("body_bottom", ago)

    def upper_shadow(self, ago: int) -> Floats:
        """From the body's top to the high."""
        return self.part("upper_shadow", ago)

    def lower_shadow(self, ago: int) -> Floats:
        """From the low to the body's bottom."""
        return self.part("lower_shadow", ago)

    def highest(self, ago: int) -> Floats:
        """Highest price from a bar to the newest."""
        return self.part("highest", ago)

    def lowest(self, ago: int) -> Floats:
        """Lowest price from a bar to the newest."""
        return self.part("lowest", ago)

    def highest_close_before(self, ago: int) -> Floats:
        """Highest close of the (at most) :data:`USUAL_PERIOD` bars before a bar; NaN where there is none."""
        return self.part("highest_close_before", ago)

    def usual_range(self, ago: int) -> Floats:
        """Mean true range of the (at most) :data:`USUAL_PERIOD` bars before a bar; NaN where there is none.

        A true range (Wilder 1978) reaches from the close before if that lies outside: where a stock trades now and
        then, its bars are flat and its steps are between them.
        """
        return self.part("usual_range", ago)

    @property
    def unit(self) -> Floats:
        """What price distances are measured in: the mean true range of the newest :data:`USUAL_PERIOD` bars."""
        return self.part("unit", 0)

    @cached_property
    def mirror(self) -> "Candles":
        """The same candles upside down."""
        return MirroredCandles(self)

    def at(self, lanes: Index) -> "Candles":
        """Some of the lanes, in that order."""
        return SelectedCandles(self, lanes)


class WindowCandles(Candles):
    """Candles from their prices; what was computed once is kept.

    Args:
        open_: first prices, shape (depth, lanes), row k is k bars ago.
        high: highest prices, same shape.
        low: lowest prices, same shape.
        close: last prices, same shape.
    """

    def __init__(self, open_: Floats, high: Floats, low: Floats, close: Floats) -> None:
        super().__init__()
        self._prices: Mapping[str, Floats] = {"open": open_, "high": high, "low": low, "close": close}
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
            self._parts[key] = self._computed(part, ago)
        return self._parts[key]

    def average(self, setting: CandleSetting, ago: int) -> Floats:
        """What ``setting`` compares the bar ``ago`` bars ago with."""
        key = (setting, ago)
        if key not in self._averages:
            self._averages[key] = self._averaged(setting, ago)
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
                return self._mean_before("true_range", ago, USUAL_PERIOD)
            case "unit":
                return np.maximum(self.usual_range(-1), SMALLEST_UNIT * self.close(0))
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


_UPSIDE_DOWN: Mapping[Part, tuple[Part, int]] = MappingProxyType(
    {
        "open": ("open", -1),
        "high": ("low", -1),
        "low": ("high", -1),
        "close": ("close", -1),
        "body": ("body", 1),
        "range": ("range", 1),
        "body_top": ("body_bottom", -1),
        "body_bottom": ("body_top", -1),
        "upper_shadow": ("lower_shadow", 1),
        "lower_shadow": ("upper_shadow", 1),
        "shadows": ("shadows", 1),
        "true_range": ("true_range", 1),
        "usual_range": ("usual_range", 1),
        "unit": ("unit", 1),
        "highest": ("lowest", -1),
        "lowest": ("highest", -1),
        "highest_close_before": ("lowest_close_before", -1),
        "lowest_close_before": ("highest_close_before", -1),
    }
)


class MirroredCandles(Candles):
    """Candles upside down: every price is its negative, so highs are lows and rises are falls.

    A bearish formation is the bullish one in here. Negation is exact, so nothing rounds differently.
    """

    def __init__(self, upright: Candles) -> None:
        super().__init__()
        self._upright = upright
        self._negatives: dict[tuple[Part, int], Floats] = {}

    def part(self, part: Part, ago: int) -> Floats:
        """A quantity of the bar ``ago`` bars ago, upside down."""
        upright, sign = _UPSIDE_DOWN[part]
        if sign > 0:
            return self._upright.part(upright, ago)
        key = (part, ago)
        if key not in self._negatives:
            self._negatives[key] = -self._upright.part(upright, ago)
        return self._negatives[key]

    def average(self, setting: CandleSetting, ago: int) -> Floats:
        """The same as upright."""
        return self._upright.average(setting, ago)


class SelectedCandles(Candles):
    """Some lanes of other candles, which work each quantity out once for all."""

    def __init__(self, whole: Candles, lanes: Index) -> None:
        super().__init__()
        self._whole = whole
        self._lanes = lanes
        self._parts: dict[tuple[Part, int], Floats] = {}

    def part(self, part: Part, ago: int) -> Floats:
        """A quantity of the bar ``ago`` bars ago, of the selected lanes."""
        key = (part, ago)
        if key not in self._parts:
            self._parts[key] = self._whole.part(part, ago).take(self._lanes)
        return self._parts[key]

    def average(self, setting: CandleSetting, ago: int) -> Floats:
        """What ``setting`` compares the bar with, of the selected lanes."""
        return self._whole.average(setting, ago).take(self._lanes)
