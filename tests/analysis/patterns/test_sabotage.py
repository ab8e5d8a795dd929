"""The comparison with TA-Lib notices every condition that is left out or that takes equality for the other side."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from tests.analysis.patterns.made_bars import bred
from tests.analysis.patterns.perturbed import perturbed
from tests.analysis.patterns.talib_oracle import Comparison, Prices, candles_of, compare
from tests.analysis.patterns.textbook import EXAMPLES
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.conditions import Comparison as Compared
from tickstockpl.analysis.patterns.conditions import Condition, Negation
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.window_candles import WindowCandles

IMPLIED: dict[str, set[str]] = {
    "HomingPigeon": {"bar_1_ago_is_black"},
    "BullishEngulfing": {"bar_is_white"},
    "Piercing": {"bar_1_ago_is_black", "bar_is_white"},
    "DarkCloudCover": {"bar_1_ago_is_white", "bar_is_black"},
    "InNeck": {"bar_is_white"},
    "Thrusting": {"bar_is_white"},
    "ThreeOutsideUp": {"bar_1_ago_is_white"},
    "StalledPattern": {"third_rides_on_the_shoulder"},
    "ThreeBlackCrows": {"bar_2_ago_is_black", "bar_1_ago_is_black", "bar_is_black"},
    "TwoCrows": {"bar_2_ago_is_white", "bar_1_ago_is_black", "bar_is_black"},
    "UpsideGapTwoCrows": {"body_1_ago_gaps_up", "bar_is_black"},
    "BullishThreeLineStrike": {"bar_is_black"},
    "UpsideTasukiGap": {"body_1_ago_gaps_up", "bar_1_ago_is_white", "bar_is_black"},
    "UpsideGapThreeMethods": {"bar_is_black"},
    "BullishBreakaway": {"body_3_ago_gaps_down"},
    "UniqueThreeRiver": {"bar_2_ago_is_black"},
}
"""Conditions that follow from the others: a close above the middle of a body that was opened below it is white."""


@dataclasses.dataclass
class Specimens:
    """A series of a pattern's specimens, and what was worked out of it."""

    prices: Prices
    candles: WindowCandles

    @classmethod
    def of(cls, prices: Prices) -> "Specimens":
        return cls(prices, candles_of(prices))

    def compare(self, pattern: PatternDefinition) -> Comparison:
        return compare(pattern, [self.prices], [self.candles])

    def contradicts(self, pattern: PatternDefinition) -> bool:
        """Whether TA-Lib disagrees. Of prices on the grid every sum is exact: not even a boundary is an excuse."""
        comparison = self.compare(pattern)
        return comparison.differences + comparison.close_calls > 0

    def all_hold(self, conditions: Sequence[Condition]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        held = np.ones(len(self.prices[0]), np.bool_)
        for condition in conditions:
            held &= self.candles.holds(condition)
        return held


@pytest.fixture(scope="session")
def specimens() -> dict[str, Specimens]:
    """Of each pattern, its example some thousand times with prices moved."""
    return {name: Specimens.of(perturbed(name, seed)) for seed, name in enumerate(PATTERNS)}


def others(pattern: PatternDefinition, place: int) -> tuple[Condition, ...]:
    return pattern.conditions[:place] + pattern.conditions[place + 1 :]


def replaced(pattern: PatternDefinition, place: int, condition: Condition) -> PatternDefinition:
    conditions = (*pattern.conditions[:place], condition, *pattern.conditions[place + 1 :])
    return dataclasses.replace(pattern, conditions=conditions)


def bred_to_fail(pattern: PatternDefinition, place: int) -> Specimens:
    """Bars that meet all conditions but one, where chance does not find them."""
    one = pattern.conditions[place]
    windows = bred(replaced(pattern, place, Negation(one.name, one)), place).prices()
    open_, high, low, close = (np.ascontiguousarray(price[::-1].T).reshape(-1) for price in windows)
    return Specimens.of((open_, high, low, close))


@pytest.mark.parametrize("name", PATTERNS)
def test_specimens_of_the_textbook_are_found_where_talib_finds_them(name: str, specimens: dict[str, Specimens]) -> None:
    assert specimens[name].compare(PATTERNS[name]).hits >= 100, "too rare here to prove anything"
    assert not specimens[name].contradicts(PATTERNS[name])


@pytest.mark.parametrize("name", [name for name in EXAMPLES if len(PATTERNS[name].conditions) > 1])
def test_a_condition_that_is_left_out_is_noticed_unless_the_others_imply_it(
    name: str, specimens: dict[str, Specimens]
) -> None:
    pattern = PATTERNS[name]
    assert IMPLIED.get(name, set()) <= {condition.name for condition in pattern.conditions}
    for place, condition in enumerate(pattern.conditions):
        shorter = dataclasses.replace(pattern, conditions=others(pattern, place))
        noticed = specimens[name].contradicts(shorter)
        if condition.name in IMPLIED.get(name, set()):
            assert not noticed, f"{condition.name} is not implied"
        else:
            assert noticed or bred_to_fail(pattern, place).contradicts(shorter), condition.name


def test_a_condition_that_takes_equality_for_the_other_side_is_noticed_wherever_equality_decides(
    specimens: dict[str, Specimens],
) -> None:
    decided = 0
    for name, pattern in PATTERNS.items():
        here = specimens[name]
        for place, one in enumerate(pattern.conditions):
            if not isinstance(one, Compared):
                continue
            equal = one.lower(here.candles) == one.upper(here.candles)
            if (equal & here.all_hold(others(pattern, place))).any():
                decided += 1
                sabotaged = replaced(pattern, place, dataclasses.replace(one, strict=not one.strict))
                assert here.contradicts(sabotaged), f"{name}: {one.name}"
    assert decided > 300
