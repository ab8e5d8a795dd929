"""Bars made so that a pattern is frequent: chance, and selection by the pattern's own margins.

Signed margins say how far bars are from being a pattern, so generations of slightly changed windows, of which the best
are kept, arrive at it. Prices lie on a grid that doubles can hold, so ties are common and sums are exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.analysis.patterns.talib_oracle import Prices
from tests.analysis.tape import TICK
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.window_candles import WindowCandles
from tickstockpl.analysis.window import DEPTH

Ticks = NDArray[np.int64]

POPULATION = 240
PARENTS = 30
GENERATIONS = 120
KEPT = 60
"""Windows of a pattern that are put into its series: half of them are the pattern, half only nearly."""

MIDDLE = 6400
"""Where prices are, in ticks."""


@dataclass(frozen=True)
class Windows:
    """Many windows: shape (DEPTH, windows) each, row 0 the newest bar, in ticks."""

    open: Ticks
    close: Ticks
    upper: Ticks
    lower: Ticks

    @classmethod
    def drawn(cls, rng: np.random.Generator, count: int) -> "Windows":
        shape = (DEPTH, count)
        open_ = MIDDLE + rng.integers(-40, 41, shape)
        return cls(open_, open_ + rng.integers(-14, 15, shape), rng.integers(0, 10, shape), rng.integers(0, 10, shape))

    def take(self, which: NDArray[np.intp]) -> "Windows":
        return Windows(self.open[:, which], self.close[:, which], self.upper[:, which], self.lower[:, which])

    def changed(self, rng: np.random.Generator, bars: int) -> "Windows":
        """Each window with a few of its newest prices moved, whole bars or one end of them."""
        shape = self.open.shape

        def moves(likely: float, reach: int) -> Ticks:
            moved = rng.integers(-reach, reach + 1, shape) * (rng.random(shape) < likely)
            moved[bars + 1 :] = 0
            return moved

        whole = moves(0.15, 30) + moves(0.1, 2)
        shadows = [np.maximum(part + moves(0.2, 12) + moves(0.1, 1), 0) for part in (self.upper, self.lower)]
        none = [part * (rng.random(shape) > 0.05) for part in shadows]
        open_, close = self.open + whole + moves(0.15, 12), self.close + whole + moves(0.15, 12) + moves(0.1, 1)
        return Windows(open_, close, *none)

    def prices(self) -> Prices:
        top, bottom = np.maximum(self.open, self.close), np.minimum(self.open, self.close)
        ticks = (self.open, top + self.upper, bottom - self.lower, self.close)
        open_, high, low, close = (np.asarray(price * TICK, dtype=np.float64) for price in ticks)
        return open_, high, low, close


def nearness(pattern: PatternDefinition, windows: Windows) -> NDArray[np.float64]:
    """How near each window is to being the pattern, led by the condition that is farthest from holding."""
    candles = WindowCandles(*windows.prices())
    margins = np.nan_to_num(np.array([candles.margin(condition) for condition in pattern.conditions]), nan=-9.0)
    clipped = np.clip(margins, -3.0, 0.5)
    worst: NDArray[np.float64] = clipped.min(axis=0) + 0.1 * clipped.mean(axis=0)
    return worst


def bred(pattern: PatternDefinition, seed: int) -> Windows:
    """Windows of which about half are the pattern and half were on the way to it."""
    rng = np.random.default_rng(seed)
    population = Windows.drawn(rng, POPULATION)
    ancestors = [population]
    for _ in range(GENERATIONS):
        near = nearness(pattern, population)
        best = np.argsort(near, kind="stable")[::-1][:PARENTS]
        population = population.take(np.resize(best, POPULATION)).changed(rng, pattern.bars)
        ancestors.append(population)
    everyone = Windows(
        *(
            np.concatenate([getattr(one, part) for one in ancestors], axis=1)
            for part in ("open", "close", "upper", "lower")
        )
    )
    found = pattern.find(WindowCandles(*everyone.prices()))
    near = np.setdiff1d(np.argsort(nearness(pattern, everyone), kind="stable")[::-1][: 20 * KEPT], found)
    chosen = [rng.choice(some, min(len(some), KEPT // 2), replace=False) for some in (found, near)]
    return everyone.take(rng.permutation(np.concatenate(chosen)))


def made_series(seed: int = 20) -> list[Prices]:
    """For each pattern a series in which its windows follow one another."""
    series = []
    for number, pattern in enumerate(PATTERNS.values()):
        windows = bred(pattern, seed + number).prices()
        open_, high, low, close = (np.ascontiguousarray(price[::-1].T).reshape(-1) for price in windows)
        series.append((open_, high, low, close))
    return series
