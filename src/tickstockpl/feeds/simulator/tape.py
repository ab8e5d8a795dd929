"""A simulated minute, trade by trade."""

from typing import Final

import numpy as np

from tickstockpl.feeds.simulator.day import Outline
from tickstockpl.feeds.simulator.stocks import Stocks
from tickstockpl.market.bars import MINUTE_MS, Floats
from tickstockpl.market.trades import Trades

_STEPS: Final = 15
"""Points per minute at which the fair price is drawn; between them it is a straight line."""

_SAME_SIDE: Final = 0.8
"""Share of trades that hit the side of the book which its four seconds prefer."""

_CROSS_MINUTES: Final = 10
"""The opening cross trades as many shares as this many ordinary minutes."""


def draw_minute(
    stocks: Stocks, outline: Outline, random: np.random.Generator, minute: int, start_ms: int, *, cross: bool
) -> Trades:
    """Draw the trades of one minute, oldest first (about 1 ms for 500 stocks).

    Within the minute fair prices walk from where the outline has them at its start to where it has them at its end (a
    Brownian bridge). Trades come at random moments, at the bid or the ask, in whole cents.

    Args:
        stocks: who trades.
        outline: the minutes around.
        random: the minute's own stream.
        minute: the minute's number in the outline.
        start_ms: the minute's start, market time.
        cross: whether it opens with a cross of every stock.
    """
    count = len(stocks)
    counts = random.poisson(outline.trades[minute])
    index = np.repeat(np.arange(count, dtype=np.intp), counts)
    offset_ms = random.integers(0, MINUTE_MS, len(index), dtype=np.uint16)
    size = _SIZES[random.integers(0, len(_SIZES), len(index), dtype=np.uint16)]
    if cross:
        index = np.concatenate((np.arange(count, dtype=np.intp), index))
        offset_ms = np.concatenate((random.integers(0, 3_000, count, dtype=np.uint16), offset_ms))
        crossed = np.ceil(_CROSS_MINUTES * stocks.trades_per_minute * random.standard_exponential(count)) * 100.0
        size = np.concatenate((crossed, size))
    in_time = np.argsort(offset_ms, kind="stable")
    index, offset_ms, size = index[in_time], offset_ms[in_time], size[in_time]

    fair_cents = _fair_cents(outline, minute, random)
    position = offset_ms * (_STEPS / MINUTE_MS)
    step = position.astype(np.intp)
    before, after = fair_cents[step, index], fair_cents[step + 1, index]
    fair = before + (position - step) * (after - before)
    sides = random.integers(0, 2, (_STEPS, count), dtype=np.int8)
    side = sides[step, index] ^ (random.random(len(index)) > _SAME_SIDE)
    half_spread = np.maximum(outline.half_spread[index] * fair, 0.5)
    cents = np.maximum(np.rint(fair + (2.0 * side - 1.0) * half_spread), 1.0)
    return Trades(start_ms + offset_ms.astype(np.int64), index, cents / 100.0, size)


def _fair_cents(outline: Outline, minute: int, random: np.random.Generator) -> Floats:
    """Fair prices at the minute's steps, edges included: shape (steps + 1, stocks)."""
    count = outline.log_price.shape[1]
    walk = np.zeros((_STEPS + 1, count))
    np.cumsum(random.standard_normal((_STEPS, count)), axis=0, out=walk[1:])
    part = np.linspace(0.0, 1.0, _STEPS + 1)[:, None]
    bridge = (walk - part * walk[-1]) * (outline.volatility[minute] / np.sqrt(_STEPS))
    start, end = outline.log_price[minute], outline.log_price[minute + 1]
    return np.asarray(100.0 * np.exp(start + part * (end - start) + bridge))


def _sizes() -> Floats:
    """A thousand trade sizes, each as likely as the other: half are 100 shares, a quarter odd lots, a few blocks."""
    odd_lots = np.linspace(1, 99, 240).round()
    single = np.full(500, 100.0)
    round_lots = np.ceil(1 + 9 * np.linspace(0, 1, 240) ** 2.5) * 100
    blocks = np.round(np.geomspace(1_000, 8_000, 20), -2)
    return np.concatenate((odd_lots, single, round_lots, blocks))


_SIZES: Final = _sizes()
