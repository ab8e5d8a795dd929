"""Each pattern on a hand-made example of it, and not on one that just fails."""

import numpy as np
import pytest

from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.analysis.patterns.window_candles import WindowCandles
from tickstockpl.analysis.window import DEPTH
from tickstockpl.market.bars import MINUTE_MS, MinuteBars

Bar = tuple[float, float, float, float]
"""Open, high, low, close."""

PLAIN: Bar = (99.5, 101.0, 99.0, 100.5)
"""A body of 1 in a range of 2: after ten of these a short body is below 1, a doji's at most 0.2, as is a very short
shadow, and near is within 0.4."""

LONG_BLACK: Bar = (102.0, 102.2, 98.8, 99.0)
LONG_WHITE: Bar = (99.0, 102.2, 98.8, 102.0)
STAR_BELOW: Bar = (98.7, 98.8, 98.2, 98.5)
STAR_ABOVE: Bar = (102.3, 102.8, 102.2, 102.5)

TEXTBOOK: dict[str, list[Bar]] = {
    "Doji": [(100.0, 101.0, 99.0, 100.1)],
    "Hammer": [(99.2, 99.45, 98.0, 99.4)],
    "HangingMan": [(100.7, 100.95, 99.5, 100.9)],
    "ShootingStar": [(100.7, 102.5, 100.65, 100.9)],
    "BullishEngulfing": [(100.5, 100.7, 99.5, 99.8), (99.7, 101.2, 99.6, 101.0)],
    "BearishEngulfing": [(99.8, 100.7, 99.5, 100.5), (100.6, 100.7, 99.2, 99.4)],
    "BullishHarami": [LONG_BLACK, (100.0, 100.6, 99.8, 100.4)],
    "BearishHarami": [LONG_WHITE, (101.0, 101.2, 100.4, 100.6)],
    "MorningStar": [LONG_BLACK, STAR_BELOW, (98.9, 101.2, 98.8, 101.0)],
    "EveningStar": [LONG_WHITE, STAR_ABOVE, (102.2, 102.3, 99.9, 100.0)],
}

NEAR_MISSES: dict[str, list[tuple[str, list[Bar]]]] = {
    "Doji": [("body_is_almost_nothing", [(100.0, 101.0, 99.0, 100.3)])],
    "Hammer": [
        ("body_is_short", [(98.3, 99.45, 97.0, 99.4)]),
        ("lower_shadow_is_long", [(99.2, 99.45, 99.1, 99.4)]),
        ("upper_shadow_is_very_short", [(99.2, 99.8, 98.0, 99.4)]),
        ("body_is_near_or_below_previous_low", [(100.7, 100.95, 99.5, 100.9)]),
    ],
    "HangingMan": [("body_is_near_or_above_previous_high", [(99.2, 99.45, 98.0, 99.4)])],
    "ShootingStar": [
        ("body_gaps_up", [(100.4, 102.5, 100.35, 100.6)]),
        ("upper_shadow_is_long", [(100.7, 101.05, 100.65, 100.9)]),
        ("lower_shadow_is_very_short", [(100.7, 102.5, 100.3, 100.9)]),
    ],
    "BullishEngulfing": [
        ("close_reaches_previous_open", [(100.5, 100.7, 99.5, 99.8), (99.6, 101.2, 99.5, 100.4)]),
        ("open_is_beyond_previous_close", [(100.5, 100.7, 99.5, 99.8), (99.9, 101.2, 99.6, 101.0)]),
        ("bar_1_ago_is_black", [(99.8, 100.7, 99.5, 100.5), (99.7, 101.2, 99.6, 101.0)]),
        ("body_is_larger_than_previous", [(100.5, 100.7, 99.5, 99.5), (99.5, 101.2, 99.4, 100.5)]),
    ],
    "BearishEngulfing": [
        ("close_reaches_previous_open", [(99.8, 100.7, 99.5, 100.5), (100.7, 100.8, 99.2, 99.9)]),
        ("open_is_beyond_previous_close", [(99.8, 100.7, 99.5, 100.5), (100.4, 100.7, 99.2, 99.4)]),
        ("bar_1_ago_is_white", [(100.5, 100.7, 99.5, 99.8), (100.6, 100.7, 99.2, 99.4)]),
    ],
    "BullishHarami": [
        ("body_1_ago_is_long", [(100.6, 100.8, 99.8, 99.9), (100.1, 100.6, 99.9, 100.4)]),
        ("body_is_not_long", [LONG_BLACK, (99.5, 101.9, 99.4, 101.5)]),
        ("body_bottom_is_inside_previous", [LONG_BLACK, (98.8, 99.6, 98.6, 99.4)]),
    ],
    "BearishHarami": [
        ("body_top_is_inside_previous", [LONG_WHITE, (102.1, 102.2, 101.5, 101.7)]),
        ("bar_1_ago_is_white", [LONG_BLACK, (101.0, 101.2, 100.4, 100.6)]),
    ],
    "MorningStar": [
        ("body_1_ago_gaps_down", [LONG_BLACK, (99.1, 99.2, 98.5, 98.8), (98.9, 101.2, 98.8, 101.0)]),
        ("closes_well_into_first_body", [LONG_BLACK, STAR_BELOW, (98.5, 100.0, 98.4, 99.85)]),
        ("body_is_not_short", [LONG_BLACK, STAR_BELOW, (100.2, 101.2, 100.1, 101.0)]),
    ],
    "EveningStar": [
        ("body_1_ago_gaps_up", [LONG_WHITE, (101.9, 102.5, 101.8, 102.2), (102.2, 102.3, 99.9, 100.0)]),
        ("closes_well_into_first_body", [LONG_WHITE, STAR_ABOVE, (102.6, 102.7, 101.1, 101.2)]),
        ("body_1_ago_is_not_long", [LONG_WHITE, (102.3, 104.0, 102.2, 103.9), (102.2, 102.3, 99.9, 100.0)]),
    ],
}


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


def test_every_example_has_a_near_miss() -> None:
    assert set(TEXTBOOK) == set(NEAR_MISSES)
    assert set(TEXTBOOK) <= set(PATTERNS)


@pytest.mark.parametrize(("name", "bars"), TEXTBOOK.items())
def test_the_textbook_example_is_found(name: str, bars: list[Bar]) -> None:
    assert len(bars) == PATTERNS[name].bars
    assert on_newest(name, [PLAIN] * 15 + bars)


@pytest.mark.parametrize(("name", "bars"), TEXTBOOK.items())
def test_plain_bars_are_nothing(name: str, bars: list[Bar]) -> None:
    assert not on_newest(name, [PLAIN] * 15)


@pytest.mark.parametrize(
    ("name", "condition", "bars"),
    [(name, condition, bars) for name, misses in NEAR_MISSES.items() for condition, bars in misses],
)
def test_a_near_miss_fails_by_the_one_condition_that_it_breaks(name: str, condition: str, bars: list[Bar]) -> None:
    assert not on_newest(name, [PLAIN] * 15 + bars)
    assert failing(name, [PLAIN] * 15 + bars) == [condition]


def minute(number: int, bar: Bar) -> MinuteBars:
    open_, high, low, close = (np.array([price]) for price in bar)
    return MinuteBars(number * MINUTE_MS, np.array([0]), open_, high, low, close, np.array([100]))


def names_found(engine: Engine, number: int, bar: Bar) -> list[str]:
    return [pattern.definition.name for pattern in engine.update(minute(number, bar)).patterns]


def all_found() -> Engine:
    return Engine(1, patterns=select_patterns("all", 0.0))


@pytest.mark.parametrize("name", ["Doji", "Hammer"])
def test_a_one_bar_pattern_is_published_on_a_symbol_s_very_first_bar(name: str) -> None:
    assert name in names_found(Engine(1), 0, TEXTBOOK[name][0]), "with the default settings"


@pytest.mark.parametrize("bar", [(100.0, 100.02, 99.98, 100.0), (100.0, 100.0, 100.0, 100.0), (5.0, 9.0, 4.0, 5.01)])
def test_so_is_any_doji(bar: Bar) -> None:
    assert "Doji" in names_found(Engine(1), 0, bar)


def test_the_shape_of_a_hammer_is_told_once_on_the_first_bar() -> None:
    found = names_found(all_found(), 0, TEXTBOOK["Hammer"][0])
    assert "Hammer" in found
    assert "HangingMan" not in found


@pytest.mark.parametrize("name", [name for name in TEXTBOOK if PATTERNS[name].bars > 1])
def test_a_longer_pattern_waits_for_its_bars_and_for_no_others(name: str) -> None:
    bars = TEXTBOOK[name]
    cold = all_found()
    for number, bar in enumerate(bars[:-1]):
        assert name not in names_found(cold, number, bar)
    # Only where there is nothing but the pattern's own bars may its averages say otherwise.
    warm = all_found()
    warm.warm_up([minute(0, PLAIN), minute(1, PLAIN)])
    for number, bar in enumerate(bars[:-1]):
        assert name not in names_found(warm, 2 + number, bar)
    assert name in names_found(warm, 9, bars[-1])


def test_two_bars_are_enough_for_an_engulfing() -> None:
    for name in ("BullishEngulfing", "BearishEngulfing"):
        engine = all_found()
        first, second = TEXTBOOK[name]
        assert name not in names_found(engine, 0, first)
        assert name in names_found(engine, 1, second)
