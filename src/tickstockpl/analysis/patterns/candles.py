"""The candles of many symbols at once, and other ways to look at them: upside down, and some of them.

A *lane* is one window of bars: a symbol's newest ones, or, in a series, those that end at one of its bars. Every
quantity is an array over lanes; ``ago`` counts bars back from a lane's newest, which is 0. What a lane does not have
is NaN.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.patterns.settings import CandleSetting
from tickstockpl.market.bars import Floats, Index

if TYPE_CHECKING:
    from tickstockpl.analysis.patterns.conditions import Condition

USUAL_PERIOD: Final = 10
"""Bars over which the usual range is averaged, and within which a move is looked for."""

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
