"""A simulated day in outline: where every price stands at every minute, and how busy the market is.

Log returns are the sum of a market factor, a factor for each sector and each stock's own noise. Each part has a
volatility that clusters (a first-order autoregression of its logarithm) under the day's shape; the factors drift in
regimes; now and then something jumps. Volatility draws trades with it.
"""

from dataclasses import dataclass

import numpy as np

from tickstockpl.feeds.simulator.randomness import Part, stream
from tickstockpl.feeds.simulator.stocks import Stocks
from tickstockpl.market.bars import Floats

MINUTES = 390
"""A whole trading day; a half day ends in its middle."""

MARKET_VOLATILITY = 4.9e-4
SECTOR_VOLATILITY = 2.6e-4
"""Standard deviation of the factors in an ordinary minute, as log returns."""

_REGIME_MINUTES = 60
_DRIFT = 0.1
_JUMPS_PER_MINUTE = 1 / (2 * MINUTES)
_JUMP_HEAT = 1.0
_MARKET_GAP = 30e-4
_OWN_GAP = 50e-4
_PULL = 0.02
MOST_TRADES = 2_000.0
"""No stock can expect more trades in a minute."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Some minutes of the latent market: the regular hours of a day, its pre-market or its after-hours.

    Attributes:
        log_price: natural logarithm of each stock's fair price at the minutes' edges, shape (minutes + 1, stocks).
        volatility: standard deviation of each stock's log return in each minute, shape (minutes, stocks).
        trades: how many trades each stock can expect in each minute, shape (minutes, stocks).
        half_spread: half of each stock's bid-ask spread, as a share of the price, shape (stocks,).
    """

    log_price: Floats
    volatility: Floats
    trades: Floats
    half_spread: Floats


def draw_day(stocks: Stocks, seed: int, number: int, last_log_price: Floats | None) -> Outline:
    """Draw the regular hours of one day (about 30 ms for 500 stocks).

    Args:
        stocks: whose day it is.
        seed: the simulation's seed.
        number: the day's number, from 0.
        last_log_price: where the day before ended; ``None`` for the first day.
    """
    random = stream(seed, Part.DAY, number)
    minute = np.arange(float(MINUTES))
    shape = _volatility_shape(minute)[:, None]
    market_heat, market_jumps = _heat(random, 1, persistence=0.97, shock=0.09)
    sector_heat, sector_jumps = _heat(random, stocks.sector_count, persistence=0.95, shock=0.1)
    own_heat, own_jumps = _heat(random, len(stocks), persistence=0.9, shock=0.19)
    mood = np.exp(0.2 * random.standard_normal())

    market_scale = MARKET_VOLATILITY * mood * shape * np.exp(market_heat)
    sector_scale = SECTOR_VOLATILITY * shape * np.exp(sector_heat)
    own_scale = stocks.volatility * shape * np.exp(own_heat)
    market = market_scale * (_noise(random, 1) + market_jumps + _drift(random, 1))
    sectors = sector_scale * (_noise(random, stocks.sector_count) + sector_jumps + _drift(random, stocks.sector_count))
    own = own_scale * (_noise(random, len(stocks)) + own_jumps)

    returns = stocks.beta * market + stocks.sector_beta * sectors[:, stocks.sector] + own
    home = np.log(stocks.price)
    if last_log_price is None:
        start = home
    else:
        gap = _MARKET_GAP * random.standard_normal() * stocks.beta + _OWN_GAP * random.standard_normal(len(stocks))
        start = last_log_price + gap - _PULL * (last_log_price - home)
    log_price = np.concatenate((start[None, :], start + np.cumsum(returns, axis=0)))

    volatility = np.sqrt(
        (stocks.beta * market_scale) ** 2 + (stocks.sector_beta * sector_scale[:, stocks.sector]) ** 2 + own_scale**2
    )
    bustle = 0.8 * own_heat + 0.4 * market_heat
    trades = stocks.trades_per_minute * _volume_shape(minute)[:, None] * np.exp(bustle)
    return Outline(log_price, volatility, np.minimum(trades, MOST_TRADES), stocks.half_spread)


def _volatility_shape(minute: Floats) -> Floats:
    """High at the open, low over lunch, a little higher at the close; on average 1."""
    shape = 0.72 + 1.9 * np.exp(-minute / 15) + 0.7 * np.exp(-minute / 80) + 0.25 * np.exp((minute - MINUTES) / 15)
    return np.asarray(shape / shape.mean())


def _volume_shape(minute: Floats) -> Floats:
    """A skewed U: busy at the open, quiet over lunch, busiest at the close; on average 1."""
    shape = 0.6 + 1.6 * np.exp(-minute / 15) + 0.8 * np.exp(-minute / 70) + 2.4 * np.exp((minute - MINUTES) / 15)
    return np.asarray(shape / shape.mean())


def _heat(random: np.random.Generator, columns: int, persistence: float, shock: float) -> tuple[Floats, Floats]:
    """Logarithm of the volatility's excess over its usual level, and the jumps that heat it, in standard deviations."""
    jumped = random.random((MINUTES, columns)) < _JUMPS_PER_MINUTE
    size = (4.0 + random.standard_exponential((MINUTES, columns)) * 2.0) * random.choice(
        (-1.0, 1.0), (MINUTES, columns)
    )
    up = random.random((MINUTES, columns)) < 0.5
    jumps = np.where(jumped, np.where(up, size, -size), 0.0)
    shocks = shock * random.standard_normal((MINUTES, columns)) + _JUMP_HEAT * jumped
    heat = np.empty((MINUTES, columns))
    state = random.standard_normal(columns) * shock / np.sqrt(1 - persistence**2)
    for minute in range(MINUTES):
        heat[minute] = state
        state = persistence * state + shocks[minute]
    return heat, jumps


def _noise(random: np.random.Generator, columns: int) -> Floats:
    return random.standard_normal((MINUTES, columns))


def _drift(random: np.random.Generator, columns: int) -> Floats:
    """A drift that holds for an hour or so and then changes, in standard deviations a minute."""
    levels = _DRIFT * random.standard_normal((MINUTES, columns))
    changes = random.random((MINUTES, columns)) < 1 / _REGIME_MINUTES
    changes[0] = True
    since = np.maximum.accumulate(np.where(changes, np.arange(MINUTES)[:, None], 0), axis=0)
    return np.take_along_axis(levels, since, axis=0)
