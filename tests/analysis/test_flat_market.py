"""A market that stands still divides by nothing, warns of nothing and alerts nobody."""

import numpy as np
import pytest

from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.market.bars import MINUTE_MS, MinuteBars


@pytest.mark.parametrize("price", [1e-4, 0.3, 100.0, 9.99e9])
def test_nothing_moves_for_hours(price: float) -> None:
    engine = Engine(2, patterns=select_patterns("all", 0.0))
    still = np.full(2, price)
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        for number in range(250):
            bars = MinuteBars(number * MINUTE_MS, np.arange(2), still, still, still, still, np.array([0, 1]))
            analysis = engine.update(bars)
            assert analysis.alerts == ()
            for pattern in analysis.patterns:
                assert np.isfinite(pattern.margins).all()
                assert ((pattern.confidence >= 0) & (pattern.confidence <= 1)).all()
            for indicator in analysis.indicators:
                assert np.isfinite(indicator.outputs["value"]).all()
    assert {columns.definition.instance for columns in analysis.indicators if len(columns.rows)} == {
        "RSI_14",
        "SMA_20",
        "SMA_50",
        "SMA_200",
        "MACD_12_26_9",
        "BB_20_2",
    }
    averages = {columns.definition.instance: columns.outputs["value"] for columns in analysis.indicators}
    np.testing.assert_allclose(averages["SMA_200"], still)


def test_dojis_without_body_and_range_are_not_worth_publishing() -> None:
    # Open and close are equal, but nobody fought over it. Of the very first bar nothing better is known.
    chosen, everything = Engine(1), Engine(1, patterns=select_patterns("all", 0.0))
    one = np.array([100.0])
    for number in range(30):
        bars = MinuteBars(number * MINUTE_MS, np.array([0]), one, one, one, one, np.array([0]))
        grades = {found.definition.name: float(found.confidence[0]) for found in everything.update(bars).patterns}
        published = [found.definition.name for found in chosen.update(bars).patterns]
        assert "Doji" in grades
        if number > 0:
            assert grades["Doji"] < 0.2
            assert published == []


def test_a_move_after_standing_still_is_seen() -> None:
    engine = Engine(1)
    still = np.array([100.0])
    engine.warm_up(
        MinuteBars(n * MINUTE_MS, np.array([0]), still, still, still, still, np.array([1])) for n in range(40)
    )
    high = np.array([101.0])
    analysis = engine.update(MinuteBars(40 * MINUTE_MS, np.array([0]), still, high, still, high, np.array([1])))
    assert {alert.rule.alert_type for alert in analysis.alerts} >= {"BB_UPPER_BREAK", "RSI_OVERBOUGHT"}
