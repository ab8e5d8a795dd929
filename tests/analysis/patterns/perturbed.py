"""The textbook's examples, each many times with some of its prices moved: the pattern, and all that is nearly it.

Prices lie on a coarse grid that doubles can hold, and a moved price often lands on another one, so ties are common.
"""

import numpy as np
from numpy.typing import NDArray

from tests.analysis.patterns.talib_oracle import Prices
from tests.analysis.patterns.textbook import Bar, example

GRID = 8
"""Steps to 1 of price."""

SPECIMENS = 2000
"""Of each pattern."""

LEAD = 16
"""Bars before each specimen: more than any average looks at."""

MOVES = 4
"""At most, in each specimen."""

EVEN: Bar = (99.5, 101.25, 98.75, 100.5)
"""A bar after ten of which all thresholds lie on the grid: 1 for bodies, 0.25 for what is very short."""

DISTANCES = [sign * steps for sign in (1, -1) for steps in (0, 0, 1, 2, 4, 6, 8, 12)]
"""Steps between two prices at which something begins after even bars: equal, very short, near, short, a body's, far."""

Steps = NDArray[np.int64]
"""Open, high, low and close on the last axis, in steps of the grid."""


def perturbed(name: str, seed: int) -> Prices:
    """A series of specimens of one pattern, each after bars that are all even or all varied."""
    rng = np.random.default_rng(seed)
    series = np.concatenate([_leads(rng), _moved(rng, _steps(example(name)))], axis=1)
    open_, high, low, close = (series.reshape(-1, 4) / GRID).T
    return open_, high, low, close


def _steps(bars: list[Bar]) -> Steps:
    return np.rint(np.array(bars) * GRID).astype(np.int64)


def _leads(rng: np.random.Generator) -> Steps:
    body = 100 * GRID + rng.integers(-6, 7, (2, SPECIMENS, LEAD))
    shadows = rng.integers(0, 9, (2, SPECIMENS, LEAD))
    varied = np.stack([body[0], body.max(axis=0) + shadows[0], body.min(axis=0) - shadows[1], body[1]], axis=-1)
    return np.where(rng.random((SPECIMENS, 1, 1)) < 0.6, _steps([EVEN]), varied)


def _moved(rng: np.random.Generator, textbook: Steps) -> Steps:
    bars = np.repeat(textbook[np.newaxis], SPECIMENS, axis=0)
    every = np.arange(SPECIMENS)
    for _ in range(MOVES):
        bar, other = rng.integers(len(textbook), size=(2, SPECIMENS))
        price, another = rng.integers(4, size=(2, SPECIMENS))
        kind = rng.integers(6, size=SPECIMENS)
        near, far = rng.integers(-3, 4, SPECIMENS), rng.integers(-30, 31, SPECIMENS)
        before = bars[every, bar, price]
        aligned = bars[every, other, another] + rng.choice(DISTANCES, SPECIMENS)
        bars[every, bar, price] = np.select(
            [kind == 0, kind == 1, kind == 2], [before + near, before + far, aligned], before
        )
        bars[every, bar] += np.where(kind == 3, far, 0)[:, np.newaxis]
    bars[..., 1] = bars.max(axis=-1)
    bars[..., 2] = bars.min(axis=-1)
    return bars
