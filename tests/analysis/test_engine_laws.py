"""Laws of the engine: what is said of a symbol depends on its own bars, their order, and nothing else."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.tape import Fact, facts, made_minutes
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.definition import bollinger_bands, macd, rsi, sma
from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.analysis.patterns.window_candles import WindowCandles
from tickstockpl.analysis.window import DEPTH, BarWindow
from tickstockpl.market.bars import MinuteBars

SYMBOLS = 4
SHORT_INDICATORS = (rsi(3, overbought=60, oversold=40), sma(2), sma(5), macd(2, 4, 3), bollinger_bands(4, 1.0))
"""Warm after a few bars, and often across their thresholds."""

seeds = st.integers(0, 2**32 - 1)
markets = st.builds(made_minutes, seeds, st.just(SYMBOLS), st.integers(1, 50))


def engine() -> Engine:
    return Engine(SYMBOLS, SHORT_INDICATORS, select_patterns("all", 0.0))


def kinds(said: dict[int, list[Fact]]) -> set[str]:
    return {kind for of_symbol in said.values() for _, kind, _, _ in of_symbol}


def test_the_made_markets_say_something_of_every_kind() -> None:
    said = facts(map(engine().update, made_minutes(1, SYMBOLS, 60)))
    assert kinds(said) == {"indicator", "pattern", "alert"}
    names = {name for of_symbol in said.values() for _, _, name, _ in of_symbol}
    assert {"Doji", "BullishEngulfing", "BearishHarami", "RSI_OVERBOUGHT", "MACD_BEARISH_CROSS"} <= names


@settings(max_examples=30)
@given(markets)
def test_the_same_minutes_give_the_same_analyses(market: list[MinuteBars]) -> None:
    assert facts(map(engine().update, market)) == facts(map(engine().update, market))


@settings(max_examples=30)
@given(markets, seeds)
def test_a_minute_may_come_in_two_parts(market: list[MinuteBars], seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = []
    for minute in market:
        first = rng.random(len(minute)) < 0.5
        parts += [minute.take(rows) for rows in (first, ~first) if rows.any()]
    assert facts(map(engine().update, parts)) == facts(map(engine().update, market))


@settings(max_examples=30)
@given(markets, st.integers(0, SYMBOLS - 1))
def test_a_symbol_s_company_makes_no_difference(market: list[MinuteBars], symbol: int) -> None:
    alone = [minute.take(minute.index == symbol) for minute in market if symbol in minute.index]
    together = facts(map(engine().update, market))
    assert facts(map(engine().update, alone)).get(symbol) == together.get(symbol)


@settings(max_examples=30)
@given(markets)
def test_how_far_a_symbol_s_bars_are_apart_makes_no_difference(market: list[MinuteBars]) -> None:
    spread = [dataclasses.replace(minute, minute_ms=7 * minute.minute_ms) for minute in market]

    def timeless(market: list[MinuteBars]) -> dict[int, list[tuple[str, str, bytes]]]:
        said = facts(map(engine().update, market))
        return {symbol: [fact[1:] for fact in of_symbol] for symbol, of_symbol in said.items()}

    assert timeless(spread) == timeless(market)


@settings(max_examples=30)
@given(markets, st.data())
def test_after_a_warm_up_all_goes_on_as_if_it_had_been_live(market: list[MinuteBars], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(market)))
    live, warmed = engine(), engine()
    expected = [live.update(minute) for minute in market][cut:]
    assert warmed.warm_up(market[:cut]) == cut
    assert facts(map(warmed.update, market[cut:])) == facts(expected)


@settings(max_examples=30)
@given(markets, st.floats(0.0, 1.0))
def test_a_least_confidence_leaves_out_what_is_below_it_and_nothing_else(
    market: list[MinuteBars], least: float
) -> None:
    choosy = Engine(SYMBOLS, SHORT_INDICATORS, select_patterns("all", least))
    everything = engine()
    for minute in market:
        chosen = {
            (pattern.definition.name, row): (grade, margins.tobytes())
            for pattern in choosy.update(minute).patterns
            for row, grade, margins in zip(pattern.rows, pattern.confidence, pattern.margins.T, strict=True)
        }
        expected = {
            (pattern.definition.name, row): (grade, margins.tobytes())
            for pattern in everything.update(minute).patterns
            for row, grade, margins in zip(pattern.rows, pattern.confidence, pattern.margins.T, strict=True)
            if grade >= least
        }
        assert chosen == expected


@settings(max_examples=30)
@given(markets)
def test_the_window_of_a_stream_is_the_window_of_the_series(market: list[MinuteBars]) -> None:
    window = BarWindow(SYMBOLS)
    series: list[list[tuple[float, float, float, float]]] = [[] for _ in range(SYMBOLS)]
    for minute in market:
        window.push(minute)
        columns = (minute.open.tolist(), minute.high.tolist(), minute.low.tolist(), minute.close.tolist())
        for symbol, *prices in zip(minute.index.tolist(), *columns, strict=True):
            series[symbol].append((prices[0], prices[1], prices[2], prices[3]))
    stream = window.candles(np.arange(SYMBOLS))
    for symbol, bars in enumerate(series):
        if bars:
            open_, high, low, close = np.array(bars).T
            batch = WindowCandles.of_series(open_, high, low, close, DEPTH)
            for ago in range(DEPTH):
                for price in (Candles.open, Candles.high, Candles.low, Candles.close):
                    np.testing.assert_array_equal(price(stream, ago)[symbol], price(batch, ago)[-1])


@settings(max_examples=30)
@given(markets, st.integers(-10, 10))
def test_doubling_all_prices_changes_no_detection_and_no_confidence(market: list[MinuteBars], power: int) -> None:
    for minute, scaled in zip(
        map(engine().update, market), map(engine().update, (rescaled(one, 2.0**power) for one in market)), strict=True
    ):
        assert [p.definition.name for p in minute.patterns] == [p.definition.name for p in scaled.patterns]
        for one, other in zip(minute.patterns, scaled.patterns, strict=True):
            np.testing.assert_array_equal(one.rows, other.rows)
            np.testing.assert_array_equal(one.confidence, other.confidence)
            np.testing.assert_array_equal(one.margins, other.margins)


@settings(max_examples=30)
@given(markets, st.floats(0.01, 100.0))
def test_another_price_scale_changes_margins_by_rounding_alone(market: list[MinuteBars], factor: float) -> None:
    boundary = 1e-9
    for minute, scaled in zip(
        map(engine().update, market), map(engine().update, (rescaled(one, factor) for one in market)), strict=True
    ):
        one, other = (
            {
                (pattern.definition.name, int(row)): (margins, grade)
                for pattern in analysis.patterns
                for row, margins, grade in zip(pattern.rows, pattern.margins.T, pattern.confidence, strict=True)
            }
            for analysis in (minute, scaled)
        )
        for key in one.keys() | other.keys():
            if key in one and key in other:
                np.testing.assert_allclose(one[key][0], other[key][0], rtol=1e-9, atol=boundary)
                if np.abs(one[key][0]).min() > boundary:  # else rounding may decide whether the context holds
                    assert one[key][1] == pytest.approx(other[key][1], abs=1.1e-4)  # a last decimal that rounds over
            else:
                margins, _ = one.get(key) or other[key]
                assert np.abs(margins).min() < boundary, f"{key} lies clear of its boundaries"


def rescaled(minute: MinuteBars, factor: float) -> MinuteBars:
    open_, high, low, close = (price * factor for price in (minute.open, minute.high, minute.low, minute.close))
    return dataclasses.replace(minute, open=open_, high=high, low=low, close=close)
