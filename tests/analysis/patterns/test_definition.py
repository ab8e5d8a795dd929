"""Definitions: what the mirror finds, and what is said of a detection."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.patterns.talib_oracle import Prices, candles_of, source_of, spans_of
from tests.analysis.tape import Tape, made_minutes
from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.conditions import Comparison, all_of, any_of, none_of
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.market.bars import Floats

PAIRS = [
    (one.name, other.name)
    for one in PATTERNS.values()
    for other in PATTERNS.values()
    if [condition.mirrored.name for condition in one.conditions] == [condition.name for condition in other.conditions]
    and source_of(one).sign == 1
    and source_of(other).sign == -1
    and one.bars == other.bars
]
"""Patterns that are each other upside down."""


def series(seed: int) -> Prices:
    minutes = made_minutes(seed, 1, 300)
    open_, high, low, close = (
        np.array([getattr(minute, column)[0] for minute in minutes]) for column in ("open", "high", "low", "close")
    )
    return open_, high, low, close


def upside_down(prices: Prices) -> Prices:
    """The same market mirrored around a price that keeps all sums exact."""
    open_, high, low, close = (256.0 - price for price in prices)
    return open_, low, high, close


def test_most_patterns_with_two_directions_are_pairs() -> None:
    assert len(PAIRS) >= 28
    assert ("BullishEngulfing", "BearishEngulfing") in PAIRS
    assert ("MorningStar", "EveningStar") in PAIRS


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_a_pair_finds_in_the_mirrored_market_what_the_other_finds_in_the_market(seed: int) -> None:
    prices = series(seed)
    flat = prices[0] == prices[3]
    market, mirrored = candles_of(prices), candles_of(upside_down(prices))
    for name, other in PAIRS:
        one, two = PATTERNS[name], PATTERNS[other]
        # A close at the open is white in both markets, so bars without a body have no mirror image.
        clean = [lane for lane in range(len(flat)) if not flat[max(0, lane - one.bars - 1) : lane + 1].any()]
        found = set(one.find(market).tolist()) & set(clean)
        assert found == set(two.find(mirrored).tolist()) & set(clean), name
        lanes = np.array(sorted(found), dtype=np.intp)
        if len(lanes):
            np.testing.assert_allclose(one.margins(market, lanes), two.margins(mirrored, lanes), rtol=1e-9, atol=1e-9)


def lower_shadow_to_body(candles: Candles) -> Floats:
    """The ratio; infinite where the body is less than the hundredth of a usual range that is reckoned with at least."""
    body = candles.body(0)
    return np.divide(candles.lower_shadow(0), body, out=np.full(len(body), np.inf), where=body >= 0.01 * candles.unit)


def fall(candles: Candles) -> Floats:
    highest = np.fmax.reduce([candles.close(ago) for ago in range(1, 12)])
    return (highest - candles.close(1)) / candles.usual_range(0)


def height(candles: Candles) -> Floats:
    return candles.range(0) / candles.usual_range(0)


def test_the_figures_of_a_hammer_are_those_of_its_bars(us_stocks: Tape) -> None:
    hammer = PATTERNS["Hammer"]
    told = 0
    for prices in spans_of(us_stocks)[:20]:
        candles = candles_of(prices)
        lanes = hammer.find(candles)
        lanes = lanes[lanes > 15]
        selected = candles.at(lanes)
        quantities = zip(
            *(quantity(selected).tolist() for quantity in (lower_shadow_to_body, fall, height)), strict=True
        )
        for margins, (shadow, fell, high) in zip(hammer.margins(candles, lanes).T.tolist(), quantities, strict=True):
            words = hammer.explain(margins)
            if shadow < 20:
                assert f"lower shadow {shadow:.1f} × body" in words
                told += 1
            # On the boundary the figure's last bit decides on the word "only", not on the figure.
            only = "only " if margins[-2] < 0 else ""
            assert f"{only}after a fall of {fell:.1f} ranges" in words
            only = "only " if margins[-1] < 0 else ""
            assert f"{only}{min(high, 20):.1f} × as high as usual" in words or high > 20
    assert told > 500


@pytest.mark.parametrize("name", PATTERNS)
def test_every_detection_can_be_said(name: str, us_stocks: Tape) -> None:
    pattern = PATTERNS[name]
    for prices in spans_of(us_stocks)[:40]:
        candles = candles_of(prices)
        for margins in pattern.margins(candles, pattern.find(candles)).T.tolist():
            clauses = pattern.explain(margins).split("; ")
            assert all(re.fullmatch(r"[a-z0-9].*[a-z0-9]|", clause) for clause in clauses), clauses
            assert len(set(clauses)) == len(clauses)


def test_of_a_context_that_is_not_known_nothing_is_said() -> None:
    one = np.array([[99.2]]), np.array([[99.45]]), np.array([[98.0]]), np.array([[99.4]])
    prices = tuple(column[0] for column in one)
    candles = candles_of((prices[0], prices[1], prices[2], prices[3]))
    hammer = PATTERNS["Hammer"]
    (lane,) = hammer.find(candles)
    (margins,) = hammer.margins(candles, np.array([lane])).T.tolist()
    assert hammer.explain(margins) == "lower shadow 6.0 × body; body 0.1 × the usual; almost no upper shadow"


def test_of_a_context_exactly_on_its_boundary_the_figure_is_said() -> None:
    """Ten bars of range 1 without a move, then a hammer of range 1.5: a margin of 0 that is known."""
    open_, high, low, close = (np.full(12, price) for price in (99.75, 100.5, 99.5, 100.25))
    open_[-1], high[-1], low[-1], close[-1] = 99.5, 99.625, 98.125, 99.625
    hammer, candles, lane = PATTERNS["Hammer"], candles_of((open_, high, low, close)), np.array([11])
    assert 11 in hammer.find(candles)
    (margins,) = hammer.margins(candles, lane).T.tolist()
    assert margins[-1] == 0
    assert hammer.explain(margins).endswith("; only after a fall of 0.0 ranges within 10 bars; 1.5 × as high as usual")
    assert hammer.in_context(np.array([margins]).T).tolist() == [False], "because of the fall that there was not"


class TestCombinations:
    RISES = Comparison("rises", lambda candles: candles.open(0), lambda candles: candles.close(0))
    LONG = Comparison("is_long", lambda candles: 0.5 * candles.unit, lambda candles: candles.body(0))

    @settings(max_examples=20)
    @given(st.integers(0, 2**32 - 1))
    def test_they_are_what_their_words_say(self, seed: int) -> None:
        candles = candles_of(series(seed))
        rises, long = candles.holds(self.RISES), candles.holds(self.LONG)
        rise, length = candles.margin(self.RISES), candles.margin(self.LONG)
        both, either, neither = (
            combine("one_and_the_other", self.RISES, self.LONG) for combine in (all_of, any_of, none_of)
        )
        assert (candles.holds(both) == (rises & long)).all()
        assert (candles.holds(either) == (rises | long)).all()
        assert (candles.holds(neither) == ~(rises | long)).all()
        assert (candles.margin(both) == np.minimum(rise, length)).all()
        assert (candles.margin(either) == np.maximum(rise, length)).all()
        assert (candles.margin(neither) == -np.maximum(rise, length)).all()

    @settings(max_examples=20)
    @given(st.integers(0, 2**32 - 1))
    def test_a_margin_above_zero_is_a_condition_that_holds(self, seed: int) -> None:
        candles = candles_of(series(seed))
        for pattern in PATTERNS.values():
            for condition in pattern.conditions:
                margin, held = candles.margin(condition), candles.holds(condition)
                assert held[margin > 1e-9].all()
                assert not held[margin < -1e-9].any()


def test_what_was_worked_out_once_is_shared_and_cannot_be_changed() -> None:
    candles = candles_of(series(5))
    definition: PatternDefinition = PATTERNS["Hammer"]
    assert candles.holds(definition.conditions[0]) is candles.holds(definition.conditions[0])
    assert candles.body(1) is candles.body(1)
    for column in (candles.open(0), candles.body(0), candles.unit):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0
