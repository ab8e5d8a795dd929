"""Bars of the simulated market against facts of 142 real stocks, 2018-02-26 to 03-02 (in brackets at each test).

The bounds leave room for both that week and other markets, and for the seeds to differ.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.feeds.playing import AskedClock
from tickstockpl.feeds.base import Feed
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.bars import Floats, MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import load_universe

Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """Bars of whole days by minute and symbol, NaN where there is none: each array has shape (minutes, symbols)."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    @property
    def there(self) -> Booleans:
        return np.asarray(~np.isnan(self.close))

    def returns(self) -> Floats:
        """Log returns from close to close, within days."""
        logs = np.log(self.close)
        steps = np.diff(logs, axis=0, prepend=np.nan)
        steps[::390] = np.nan
        return steps

    def share(self, condition: Callable[["Grid"], Booleans]) -> float:
        """The share of bars for which a condition holds."""
        return float(condition(self)[self.there].mean())


async def grid_of(feed: Feed, symbols: int, days: int) -> Grid:
    await feed.open()
    grid = Grid(*(np.full((390 * days, symbols), np.nan) for _ in range(5)))
    number = 0
    async for bars in minutes_of(feed, symbols, days):
        for name in ("open", "high", "low", "close", "volume"):
            getattr(grid, name)[number, bars.index] = getattr(bars, name)
        number += 1
    assert number == 390 * days
    return grid


async def minutes_of(feed: Feed, symbols: int, days: int) -> AsyncIterator[MinuteBars]:
    for _, day in zip(range(days), feed.days(), strict=False):
        builder = BarBuilder(symbols)
        async for batch in feed.batches(day, 0):
            if isinstance(batch.data, MinuteBars):
                yield batch.data
            elif isinstance(batch.data, Trades):
                builder.add(batch.data)
            for bars in builder.seal(batch.until_ms):
                yield bars


@pytest.fixture(scope="module", params=[1, 2026])
def simulated(request: pytest.FixtureRequest) -> Grid:
    universe = load_universe("market_leaders:top_500", Path("no-own-universes"))
    feed = SimulatorFeed(universe, AskedClock(), MarketCalendar(), request.param, "r", date(2025, 10, 6))
    return asyncio.run(grid_of(feed, 500, days=2))


@pytest.fixture(scope="module")
def real(test_data: Path) -> Grid:
    feed = ReplayFeed([test_data / "bars_2018-02-26_5d_142sym.csv.gz"], AskedClock(), MarketCalendar())
    return asyncio.run(grid_of(feed, 142, days=5))


def body(grid: Grid) -> Floats:
    return np.abs(grid.close - grid.open)


def doji_like(grid: Grid) -> Booleans:
    return np.asarray(body(grid) <= 0.1 * (grid.high - grid.low))


def closes_at_its_extreme(grid: Grid) -> Booleans:
    return np.asarray((grid.close == grid.high) | (grid.close == grid.low))


def opens_at_its_extreme(grid: Grid) -> Booleans:
    return np.asarray((grid.open == grid.high) | (grid.open == grid.low))


def does_not_move(grid: Grid) -> Booleans:
    return np.asarray(grid.high == grid.low)


def kurtosis(grid: Grid) -> float:
    """Of a typical stock's 1-minute returns; a normal distribution has 3."""
    steps = grid.returns()
    centred = steps - np.nanmean(steps, axis=0)
    return float(np.median(np.nanmean(centred**4, axis=0) / np.nanmean(centred**2, axis=0) ** 2))


def correlation(left: Floats, right: Floats) -> float:
    known = ~np.isnan(left) & ~np.isnan(right)
    return float(np.corrcoef(left[known], right[known])[0, 1])


def persistence(grid: Grid, of: Callable[[Floats], Floats]) -> float:
    """A typical stock's correlation of ``of`` its return with that of the minute before."""
    steps = of(grid.returns())
    return float(np.median([correlation(steps[1:, at], steps[:-1, at]) for at in range(steps.shape[1])]))


def co_movement(grid: Grid) -> float:
    """Mean correlation of two stocks' returns."""
    steps = grid.returns()[:, :60]
    pairs = [(one, other) for one in range(60) for other in range(one)]
    return float(np.mean([correlation(steps[:, one], steps[:, other]) for one, other in pairs]))


def shape_of_day(values: Floats) -> tuple[float, float, float]:
    """First quarter of an hour, the hour after noon, last quarter: each as a multiple of the day's mean."""
    by_minute = np.nanmean(values.reshape(-1, 390, values.shape[1])[:, 1:], axis=(0, 2))  # a day's first has no return
    by_minute = by_minute / by_minute.mean()
    return float(by_minute[:15].mean()), float(by_minute[150:210].mean()), float(by_minute[-15:].mean())


BOUNDS: dict[str, tuple[Callable[[Grid], float], float, float]] = {
    "bars per symbol and minute [0.99]": (lambda grid: float(grid.there.mean()), 0.9, 1.0),
    "share with a body of at most a tenth of the range [0.15]": (lambda grid: grid.share(doji_like), 0.1, 0.22),
    "share that close at their high or low [0.43]": (lambda grid: grid.share(closes_at_its_extreme), 0.35, 0.65),
    "share that open at their high or low [0.44]": (lambda grid: grid.share(opens_at_its_extreme), 0.35, 0.65),
    "share without any range [0.02]": (lambda grid: grid.share(does_not_move), 0.005, 0.12),
    "kurtosis of returns [7.4]": (kurtosis, 4.5, 14.0),
    "standard deviation of returns, basis points [9.3]": (
        lambda grid: float(np.median(np.nanstd(grid.returns(), axis=0))) * 1e4, 6.0, 15.0,
    ),
    "return to return [-0.05]": (lambda grid: persistence(grid, np.asarray), -0.12, 0.08),
    "size of return to size of return [0.21]": (lambda grid: persistence(grid, np.abs), 0.1, 0.4),
    "correlation of two stocks [0.27]": (co_movement, 0.08, 0.5),
    "volume at the open [2.3]": (lambda grid: shape_of_day(grid.volume)[0], 1.6, 3.5),
    "volume over lunch [0.7]": (lambda grid: shape_of_day(grid.volume)[1], 0.5, 0.85),
    "volume at the close [2.5]": (lambda grid: shape_of_day(grid.volume)[2], 1.5, 3.5),
    "size of returns at the open [2.3]": (lambda grid: shape_of_day(np.abs(grid.returns()))[0], 1.5, 3.5),
    "size of returns over lunch [0.9]": (lambda grid: shape_of_day(np.abs(grid.returns()))[1], 0.6, 1.0),
    "log of volume, spread across stocks [0.92]": (
        lambda grid: float(np.log(np.nanmean(grid.volume, axis=0)).std()), 0.6, 1.4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("fact", BOUNDS)
def test_the_simulated_market_is_within_the_bounds(fact: str, simulated: Grid) -> None:
    measure, low, high = BOUNDS[fact]
    assert low <= measure(simulated) <= high


@pytest.mark.parametrize("fact", BOUNDS)
def test_the_real_market_is_too(fact: str, real: Grid) -> None:
    measure, low, high = BOUNDS[fact]
    assert low <= measure(real) <= high


def test_busy_minutes_are_moving_minutes(simulated: Grid) -> None:
    volume, steps = np.log(simulated.volume), np.abs(simulated.returns())
    assert np.median([correlation(volume[:, at], steps[:, at]) for at in range(500)]) > 0.15
