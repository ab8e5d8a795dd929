"""The thin hours around a simulated day: pre-market before its open, after-hours from its close.

Prices join those of the regular hours without a step. Before the open half of the overnight gap is made good; after the
close prices wander off a little, and where they end has no bearing on the next day. Few trades come, and fewest of the
stocks that trade least, at wider spreads. The regular hours are the same whether these are drawn or not.
"""

from typing import Final

import numpy as np

from tickstockpl.feeds.simulator.day import MARKET_VOLATILITY, MOST_TRADES, SECTOR_VOLATILITY, Outline
from tickstockpl.feeds.simulator.randomness import Part, stream
from tickstockpl.feeds.simulator.stocks import TYPICAL_TRADES_PER_MINUTE, Stocks
from tickstockpl.market.bars import Floats

PRE_MARKET_MINUTES: Final = 330
"""From 04:00 to 09:30."""

AFTER_HOURS_MINUTES: Final = 240
"""From the close, an early one too."""

_GAP_SHARE: Final = 0.5
_PRE_MARKET_VOLATILITY: Final = 0.3
_AFTER_HOURS_VOLATILITY: Final = 0.16
_SPREAD: Final = 4.0
_THINNER: Final = 0.7
"""A stock that trades twice as often in regular hours trades 2^1.7 times as often in these."""


def draw_pre_market(stocks: Stocks, seed: int, number: int, opening: Floats, gap: Floats) -> Outline:
    """Draw the 330 minutes before a day's open.

    Args:
        stocks: whose day it is.
        seed: the simulation's seed.
        number: the day's number, from 0.
        opening: logarithm of each stock's price at the open, shape (stocks,).
        gap: how far that is from the last close, shape (stocks,).
    """
    random = stream(seed, Part.PRE_MARKET, number)
    minute = np.arange(float(PRE_MARKET_MINUTES))
    bustle = 0.008 + 0.006 * np.exp(-minute / 20) + 0.03 * np.exp((minute - PRE_MARKET_MINUTES) / 90)
    volatility, returns = _returns(stocks, random, _PRE_MARKET_VOLATILITY * np.ones(PRE_MARKET_MINUTES))
    walk = np.concatenate((np.zeros((1, len(stocks))), np.cumsum(returns, axis=0)))
    done = np.linspace(0.0, 1.0, PRE_MARKET_MINUTES + 1)[:, None]
    log_price = opening - _GAP_SHARE * gap * (1.0 - done) + walk - done * walk[-1]
    return _outline(stocks, log_price, volatility, bustle)


def draw_after_hours(stocks: Stocks, seed: int, number: int, closing: Floats) -> Outline:
    """Draw the 240 minutes after a day's close.

    Args:
        stocks: whose day it is.
        seed: the simulation's seed.
        number: the day's number, from 0.
        closing: logarithm of each stock's price at the close, shape (stocks,).
    """
    random = stream(seed, Part.AFTER_HOURS, number)
    minute = np.arange(float(AFTER_HOURS_MINUTES))
    bustle = 0.006 + 0.02 * np.exp(-minute / 30)
    volatility, returns = _returns(stocks, random, _AFTER_HOURS_VOLATILITY * (1 + 2 * np.exp(-minute / 20)))
    log_price = closing + np.concatenate((np.zeros((1, len(stocks))), np.cumsum(returns, axis=0)))
    return _outline(stocks, log_price, volatility, bustle)


def _returns(stocks: Stocks, random: np.random.Generator, scale: Floats) -> tuple[Floats, Floats]:
    """Volatility and log returns of each minute, ``scale`` times those of an ordinary minute: (minutes, stocks)."""
    minutes = len(scale)
    market = stocks.beta * MARKET_VOLATILITY
    sector = stocks.sector_beta * SECTOR_VOLATILITY
    returns = (
        market * random.standard_normal((minutes, 1))
        + sector * random.standard_normal((minutes, stocks.sector_count))[:, stocks.sector]
        + stocks.volatility * random.standard_normal((minutes, len(stocks)))
    )
    volatility = np.sqrt(market**2 + sector**2 + stocks.volatility**2)
    return scale[:, None] * volatility, scale[:, None] * returns


def _outline(stocks: Stocks, log_price: Floats, volatility: Floats, bustle: Floats) -> Outline:
    thinner = (stocks.trades_per_minute / TYPICAL_TRADES_PER_MINUTE) ** _THINNER
    trades = bustle[:, None] * stocks.trades_per_minute * thinner
    return Outline(log_price, volatility, np.minimum(trades, MOST_TRADES), _SPREAD * stocks.half_spread)
