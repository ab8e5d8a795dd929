"""Each pattern on a hand-made example of it, and not on one that just fails."""

import numpy as np
import pytest

from tests.analysis.patterns.near_misses import NEAR_MISSES, near_misses
from tests.analysis.patterns.textbook import EXAMPLES, MIRRORED, PLAIN, Bar, example
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.analysis.patterns.window_candles import WindowCandles
from tickstockpl.analysis.window import DEPTH
from tickstockpl.market.bars import MINUTE_MS, MinuteBars

BEFORE = [PLAIN] * 15
"""As many bars as fill all averages."""


def candles(bars: list[Bar]) -> WindowCandles:
    open_, high, low, close = np.array(bars).T
    return WindowCandles.of_series(open_, high, low, close, DEPTH)


def on_newest(name: str, bars: list[Bar]) -> bool:
    """Whether the pattern is found on the last of these bars."""
    return len(bars) - 1 in PATTERNS[name].find(candles(bars)).tolist()


def failing(name: str, bars: list[Bar]) -> list[str]:
    """The conditions of a pattern that do not hold on the last of these bars."""
    view = candles(bars)
    return [one.name for one in PATTERNS[name].conditions if not view.holds(one)[-1]]


def test_every_pattern_has_an_example_and_a_near_miss() -> None:
    assert set(EXAMPLES) | set(MIRRORED) == set(PATTERNS)
    assert not set(EXAMPLES) & set(MIRRORED)
    assert {name for name, misses in NEAR_MISSES.items() if misses} == set(EXAMPLES)


@pytest.mark.parametrize("name", PATTERNS)
def test_the_textbook_example_is_found(name: str) -> None:
    bars = example(name)
    assert len(bars) == PATTERNS[name].bars
    assert failing(name, BEFORE + bars) == []
    assert on_newest(name, BEFORE + bars)


@pytest.mark.parametrize("name", PATTERNS)
def test_plain_bars_are_nothing(name: str) -> None:
    assert not on_newest(name, BEFORE)


@pytest.mark.parametrize(("name", "condition", "bars"), near_misses())
def test_a_near_miss_fails_by_the_one_condition_that_it_breaks(name: str, condition: str, bars: list[Bar]) -> None:
    assert failing(name, BEFORE + bars) == [condition]
    assert not on_newest(name, BEFORE + bars)


def minute(number: int, bar: Bar) -> MinuteBars:
    open_, high, low, close = (np.array([price]) for price in bar)
    return MinuteBars(number * MINUTE_MS, np.array([0]), open_, high, low, close, np.array([100]))


def names_found(engine: Engine, number: int, bar: Bar) -> list[str]:
    return [pattern.definition.name for pattern in engine.update(minute(number, bar)).patterns]


def all_found() -> Engine:
    return Engine(1, patterns=select_patterns("all", 0.0))


@pytest.mark.parametrize("name", ["Doji", "Hammer"])
def test_a_one_bar_pattern_is_published_on_a_symbol_s_very_first_bar(name: str) -> None:
    assert name in names_found(Engine(1), 0, example(name)[0]), "with the default settings"


@pytest.mark.parametrize("bar", [(100.0, 100.02, 99.98, 100.0), (100.0, 100.0, 100.0, 100.0), (5.0, 9.0, 4.0, 5.01)])
def test_so_is_any_doji(bar: Bar) -> None:
    assert "Doji" in names_found(Engine(1), 0, bar)


def test_the_shape_of_a_hammer_is_told_once_on_the_first_bar() -> None:
    found = names_found(all_found(), 0, example("Hammer")[0])
    assert "Hammer" in found
    assert "HangingMan" not in found


@pytest.mark.parametrize("name", [name for name, pattern in PATTERNS.items() if pattern.bars > 1])
def test_a_longer_pattern_waits_for_its_bars(name: str) -> None:
    bars = example(name)
    engine = all_found()
    for number, bar in enumerate(bars[:-1]):
        assert name not in names_found(engine, number, bar)
    engine.update(minute(len(bars), bars[-1]))
    assert engine.take_switched_off() == []


@pytest.mark.parametrize("name", [name for name, pattern in PATTERNS.items() if pattern.bars > 1])
def test_a_longer_pattern_waits_for_no_others(name: str) -> None:
    # Only where there is nothing but the pattern's own bars may its averages say otherwise.
    engine = all_found()
    engine.warm_up([minute(0, PLAIN), minute(1, PLAIN)])
    *first, last = example(name)
    for number, bar in enumerate(first):
        assert name not in names_found(engine, 2 + number, bar)
    assert name in names_found(engine, 9, last)


@pytest.mark.parametrize("name", ["BullishEngulfing", "BearishEngulfing"])
def test_two_bars_are_enough_for_an_engulfing(name: str) -> None:
    engine = all_found()
    first, second = example(name)
    assert name not in names_found(engine, 0, first)
    assert name in names_found(engine, 1, second)
