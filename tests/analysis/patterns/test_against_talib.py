"""Patterns are found exactly where TA-Lib finds them: on real bars, and on made ones where the rare are frequent."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
import talib

from tests.analysis.patterns.made_bars import made_series
from tests.analysis.patterns.talib_oracle import (
    FUNCTIONS,
    Prices,
    candles_of,
    compare,
    of_function,
    source_of,
    spans_of,
)
from tests.analysis.tape import Tape
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.conditions import Comparison as Compared
from tickstockpl.analysis.patterns.conditions import Condition, Negation
from tickstockpl.analysis.patterns.window_candles import WindowCandles

Market = tuple[list[Prices], list[WindowCandles]]
"""Series, and their candles, in which what was found out of one pattern helps the next."""


@pytest.fixture(scope="session")
def real_market(us_stocks: Tape, extended_hours: Tape) -> Market:
    """All bars of both files."""
    series = [*spans_of(us_stocks), *spans_of(extended_hours)]
    return series, [candles_of(prices) for prices in series]


@pytest.fixture(scope="session")
def made_market() -> Market:
    """Bars made so that every pattern is frequent."""
    series = made_series()
    return series, [candles_of(prices) for prices in series]


def test_all_sixty_one_functions_have_patterns() -> None:
    assert len(FUNCTIONS) == 61
    assert {source_of(pattern).function for pattern in PATTERNS.values()} == set(FUNCTIONS)
    assert len({(source.function, source.sign, source.confirms) for source in map(source_of, PATTERNS.values())}) == 92


@pytest.mark.parametrize("name", PATTERNS)
def test_on_real_bars(name: str, real_market: Market) -> None:
    comparison = compare(PATTERNS[name], *real_market)
    assert comparison.agrees, comparison


@pytest.mark.parametrize("name", PATTERNS)
def test_on_made_bars(name: str, made_market: Market) -> None:
    comparison = compare(PATTERNS[name], *made_market)
    assert comparison.hits >= 20, "too rare here to prove anything"
    assert comparison.agrees, comparison


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_that_talib_says_has_no_name(function: str, real_market: Market, made_market: Market) -> None:
    said = set()
    for prices in (*real_market[0], *made_market[0]):
        said |= {
            (int(np.sign(one)), abs(int(one)) == 200) for one in np.unique(getattr(talib, function)(*prices)) if one
        }
    assert said == {(source.sign, source.confirms) for source in map(source_of, of_function(function))}


def turned_round(condition: Condition) -> Condition:
    """A condition that holds where the given one fails."""
    return Negation(condition.name, condition)


@pytest.mark.parametrize("name", PATTERNS)
def test_the_comparison_notices_each_condition_that_is_turned_round(name: str, made_market: Market) -> None:
    pattern = PATTERNS[name]
    for place, condition in enumerate(pattern.conditions):
        sabotaged = dataclasses.replace(pattern, conditions=_with(pattern.conditions, place, turned_round(condition)))
        assert not compare(sabotaged, *made_market).agrees, condition.name


@pytest.mark.parametrize("name", ["Doji", "Hammer", "BullishEngulfing", "EveningStar", "BearishHikkakeConfirmed"])
def test_the_comparison_on_real_bars_notices_it_too(name: str, real_market: Market) -> None:
    pattern = PATTERNS[name]
    sabotaged = dataclasses.replace(
        pattern, conditions=_with(pattern.conditions, -1, turned_round(pattern.conditions[-1]))
    )
    comparison = compare(sabotaged, *real_market)
    assert comparison.differences > 0
    assert not comparison.agrees


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("Doji", "body_is_almost_nothing"),
        ("ShootingStar", "body_gaps_up"),
        ("BearishEngulfing", "body_is_larger_than_previous"),
        ("ThreeOutsideUp", "bar_2_ago_is_black"),
        ("TwoCrows", "third_opens_above_second_close"),
        ("BearishHikkake", "high_is_inside_previous"),
        ("UpGapSideBySideWhiteLines", "bar_1_ago_is_white"),
    ],
)
def test_the_comparison_notices_when_equality_is_taken_for_the_other_side(
    name: str, condition: str, made_market: Market
) -> None:
    pattern = PATTERNS[name]
    ((place, one),) = [(place, one) for place, one in enumerate(pattern.conditions) if one.name == condition]
    assert isinstance(one, Compared)
    other = dataclasses.replace(one, strict=not one.strict)
    sabotaged = dataclasses.replace(pattern, conditions=_with(pattern.conditions, place, other))
    assert not compare(sabotaged, *made_market).agrees


def _with(conditions: Sequence[Condition], place: int, condition: Condition) -> tuple[Condition, ...]:
    changed = list(conditions)
    changed[place] = condition
    return tuple(changed)
