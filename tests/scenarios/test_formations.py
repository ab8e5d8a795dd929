"""TA-Lib, asked over whole series, finds in each formation what is stated of it, and nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import talib

from tests.analysis.patterns.talib_oracle import Prices, says, source_of
from tests.analysis.test_against_talib import crossings
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.scenarios import formations
from tickstockpl.scenarios.formations import CONFIDENT, QUIET, TICK, WAVE, Candle, Formation
from tickstockpl.scenarios.scenario import HISTORY_MINUTES

PERFORMED = [
    one for one in vars(formations).values() if isinstance(one, Formation) and one is not QUIET and one is not WAVE
]
AFTERMATH = 60
"""Minutes for which nothing further is found, twice as long as any scenario."""

USUAL_CLOSES = (64, 65, 101, 333, 447)

Found = Mapping[int, set[str]]


def prices(candles: Sequence[Candle], usual: float) -> Prices:
    columns = np.array(candles, dtype=np.float64).T * TICK + usual
    open_, high, low, close = np.ascontiguousarray(columns)
    return open_, high, low, close


def patterns_in(series: Prices, first: int) -> Found:
    """By minute from ``first`` on, what TA-Lib's pattern functions say."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for name, pattern in PATTERNS.items():
        source = source_of(pattern)
        for bar in np.flatnonzero(says(source, getattr(talib, source.function)(*series))[first:]).tolist():
            found[bar].add(name)
    return found


def alerts_in(series: Prices, first: int) -> Found:
    """By minute from ``first`` on, which thresholds TA-Lib's indicators cross."""
    close = series[3]
    rsi = talib.RSI(close, 14)
    macd, signal, _ = talib.MACD(close, 12, 26, 9)
    upper, _, lower = talib.BBANDS(close, 20, 2, 2)
    found: defaultdict[int, set[str]] = defaultdict(set)
    for alert, value, threshold, above in (
        ("RSI_OVERBOUGHT", rsi, np.full(len(close), 70.0), True),
        ("RSI_OVERSOLD", rsi, np.full(len(close), 30.0), False),
        ("MACD_BULLISH_CROSS", macd, signal, True),
        ("MACD_BEARISH_CROSS", macd, signal, False),
        ("BB_UPPER_BREAK", close, upper, True),
        ("BB_LOWER_BREAK", close, lower, False),
    ):
        for bar in crossings(value, threshold, above=above):
            if bar >= first:
                found[bar - first].add(alert)
    return found


def stated(found: Mapping[int, str]) -> Found:
    return {minute: {name.removesuffix(CONFIDENT) for name in names.split()} for minute, names in found.items()}


@pytest.mark.parametrize("usual", USUAL_CLOSES)
@pytest.mark.parametrize("formation", PERFORMED, ids=lambda formation: formation.name)
def test_a_formation_after_a_quiet_day(formation: Formation, usual: float) -> None:
    quiet = QUIET.candles
    series = prices([*quiet * HISTORY_MINUTES, *formation.candles, *quiet * AFTERMATH], usual)
    assert patterns_in(series, HISTORY_MINUTES) == stated(formation.patterns)
    assert alerts_in(series, HISTORY_MINUTES) == stated(formation.alerts)


@pytest.mark.parametrize("usual", USUAL_CLOSES)
@pytest.mark.parametrize("phase", range(len(WAVE.candles)))
def test_waves_repeat_themselves(phase: int, usual: float) -> None:
    length = len(WAVE.candles)
    minutes = range(phase - HISTORY_MINUTES, phase + AFTERMATH)
    series = prices([WAVE.candles[minute % length] for minute in minutes], usual)
    for found, said in (
        (patterns_in(series, HISTORY_MINUTES), stated(WAVE.patterns)),
        (alerts_in(series, HISTORY_MINUTES), stated(WAVE.alerts)),
    ):
        assert {minute: found.get(minute, set()) for minute in range(AFTERMATH)} == {
            minute: said.get((minute + phase) % length, set()) for minute in range(AFTERMATH)
        }


@pytest.mark.parametrize("usual", USUAL_CLOSES)
def test_in_quiet_candles_there_is_nothing(usual: float) -> None:
    series = prices(QUIET.candles * (HISTORY_MINUTES + AFTERMATH), usual)
    assert not patterns_in(series, HISTORY_MINUTES)
    assert not alerts_in(series, HISTORY_MINUTES)


def test_there_are_formations() -> None:
    assert len(PERFORMED) >= 8
