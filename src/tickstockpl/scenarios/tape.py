"""A scenario's market, minute by minute."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.market.bars import MINUTE_MS, Floats, MinuteBars
from tickstockpl.market.trades import Trades
from tickstockpl.scenarios.formations import TICK
from tickstockpl.scenarios.scenario import HISTORY_MINUTES, Scenario

_OPEN, _HIGH, _LOW, _CLOSE = range(4)

_SHARES: Final = np.array([300, 200, 100, 400], dtype=np.int64)
"""Of a minute's four trades."""

_CHEAPEST, _DEAREST = 64, 448
"""Usual closes lie in between, US dollars: a formation moves a price by some per cent at most."""


class ScriptedTape:
    """What is traded in a scenario: of each symbol four trades a minute, its open, low, high and close.

    Of a black candle the high comes before the low.

    Args:
        scenario: the script.
        open_ms: when its minute 0 begins, milliseconds since the epoch.
    """

    def __init__(self, scenario: Scenario, open_ms: int) -> None:
        self._open_ms = open_ms
        self._index = np.arange(scenario.symbols, dtype=np.intp)
        spread = np.arange(scenario.symbols) * 101 % (_DEAREST - _CHEAPEST)
        self._usual = (_CHEAPEST + spread).astype(np.float64)
        self._prices = _ticks(scenario) * TICK + self._usual[:, np.newaxis]

    def bars(self, minute: int) -> MinuteBars:
        """A minute as ready-made bars; those before 0 are history, from ``-HISTORY_MINUTES`` on."""
        prices = self._prices[minute + HISTORY_MINUTES]
        volume = np.full(len(self._index), _SHARES.sum(), dtype=np.int64)
        open_, high, low, close = (np.ascontiguousarray(prices[:, column]) for column in range(4))
        return MinuteBars(self._start_ms(minute), self._index, open_, high, low, close, volume)

    def trades(self, minute: int) -> Trades:
        """A minute as trades, oldest first."""
        prices = self._prices[minute + HISTORY_MINUTES]
        count = len(prices)
        is_white = prices[:, _CLOSE] >= prices[:, _OPEN]
        second = np.where(is_white, prices[:, _LOW], prices[:, _HIGH])
        third = np.where(is_white, prices[:, _HIGH], prices[:, _LOW])
        quarters: Floats = np.concatenate((prices[:, _OPEN], second, third, prices[:, _CLOSE]))
        within = np.arange(4 * count, dtype=np.int64) * MINUTE_MS // (4 * count)
        sizes = np.repeat(_SHARES, count).astype(np.float64)
        return Trades(self._start_ms(minute) + within, np.tile(self._index, 4), quarters, sizes)

    def _start_ms(self, minute: int) -> int:
        return self._open_ms + minute * MINUTE_MS


def _ticks(scenario: Scenario) -> NDArray[np.float64]:
    """Prices in ticks from each symbol's usual close, shape (history and minutes, symbols, 4)."""
    minutes = np.arange(-HISTORY_MINUTES, scenario.minutes)
    ticks = np.empty((len(minutes), scenario.symbols, 4))
    for symbol in range(scenario.symbols):
        base, phase = scenario.base(symbol)
        candles = np.array(base.candles, dtype=np.float64)
        ticks[:, symbol] = candles[(minutes + phase) % len(candles)]
    for symbol, minute, formation in scenario.cues:
        for number, candle in enumerate(formation.candles[: scenario.minutes - minute]):
            ticks[HISTORY_MINUTES + minute + number, symbol] = candle
    return ticks
