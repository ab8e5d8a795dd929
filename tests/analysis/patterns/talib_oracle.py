"""Holding pattern definitions against TA-Lib's batch functions, bar by bar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import talib
from numpy.typing import NDArray

from tests.analysis.tape import Tape
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.window_candles import WindowCandles
from tickstockpl.analysis.window import DEPTH
from tickstockpl.market.bars import Floats

WARM_UP = DEPTH - 1
"""Before this bar the averages of a pattern may rest on fewer bars than TA-Lib's."""

BOUNDARY = 1e-9
"""A margin that is smaller is on its condition's boundary: there the last bit of a sum decides."""

FUNCTIONS: tuple[str, ...] = tuple(name for name in talib.get_functions() if name.startswith("CDL"))  # type: ignore[no-untyped-call]
"""All of TA-Lib's candlestick functions."""

Prices = tuple[Floats, Floats, Floats, Floats]
"""Open, high, low and close of a series."""


@dataclass(slots=True)
class Comparison:
    """How detections of one pattern differ from TA-Lib's.

    Attributes:
        hits: what TA-Lib found.
        differences: bars on which the two disagree although every margin is clear.
        close_calls: bars on which they disagree and a margin is on its boundary.
    """

    hits: int = 0
    differences: int = 0
    close_calls: int = 0

    @property
    def agrees(self) -> bool:
        """No difference but on boundaries, and there fewer than 1 in 1,000 hits."""
        return self.differences == 0 and self.close_calls * 1000 <= self.hits


def source_of(pattern: PatternDefinition) -> Talib:
    assert isinstance(pattern.source, Talib)
    return pattern.source


def says(source: Talib, result: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Where TA-Lib's result is the one that a source names."""
    return (np.sign(result) == source.sign) & ((np.abs(result) == 200) == source.confirms)


def of_function(function: str) -> list[PatternDefinition]:
    """All patterns that a function of TA-Lib reports."""
    return [pattern for pattern in PATTERNS.values() if source_of(pattern).function == function]


def candles_of(prices: Prices) -> WindowCandles:
    return WindowCandles.of_series(*prices, DEPTH)


def spans_of(tape: Tape) -> list[Prices]:
    """Each symbol's series."""
    return [tape.prices(span) for span in tape.spans()]


def compare(pattern: PatternDefinition, series: Sequence[Prices], candles: Iterable[WindowCandles]) -> Comparison:
    """Hold a definition against TA-Lib: all of its hits must be found, and from :data:`WARM_UP` on no others."""
    source = source_of(pattern)
    comparison = Comparison()
    for prices, windows in zip(series, candles, strict=True):
        expected = says(source, getattr(talib, source.function)(*prices))
        found = np.zeros(len(expected), np.bool_)
        found[pattern.find(windows)] = True
        wrong = found != expected
        wrong[:WARM_UP] &= expected[:WARM_UP]
        comparison.hits += int(expected.sum())
        if wrong.any():
            lanes = np.flatnonzero(wrong)
            seen = windows.at(lanes)
            margins = np.array([seen.margin(condition) for condition in pattern.conditions])
            close = np.abs(margins).min(axis=0) < BOUNDARY
            comparison.close_calls += int(close.sum())
            comparison.differences += int((~close).sum())
    return comparison
