"""On real bars, the engine says what TA-Lib's batch functions say."""

from pathlib import Path

import numpy as np
import pytest
import talib

from tests.analysis.patterns.talib_oracle import WARM_UP, candles_of, says, source_of, spans_of
from tests.analysis.tape import Recording, Tape
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, bollinger_bands, macd, rsi, sma
from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.analysis.patterns.confidence import OUT_OF_CONTEXT
from tickstockpl.contract.channels import HIGH_CONFIDENCE
from tickstockpl.market.bars import Floats, MinuteBars


def batch(function: str, outputs: int, tape: Tape, **arguments: float) -> list[Floats]:
    """A batch function of TA-Lib over each symbol's closes, one array per output."""
    results = [getattr(talib, function)(tape.close[span], **arguments) for span in tape.spans()]
    columns = [[result] if outputs == 1 else result for result in results]
    return [np.concatenate([column[output] for column in columns]) for output in range(outputs)]


def crossings(value: Floats, threshold: Floats, *, above: bool) -> list[int]:
    """Where a statement becomes true that was known to be false on the bar before; plainly, bar by bar."""
    fired = []
    before: bool | None = None
    for bar, (one, other) in enumerate(zip(value.tolist(), threshold.tolist(), strict=True)):
        if one != one or other != other:  # NaN: nothing can be said yet
            continue
        now = one > other if above else one < other
        if now and before is False:
            fired.append(bar)
        before = now
    return fired


@pytest.mark.parametrize("market", ["one_session", "thin_stocks"])
@pytest.mark.parametrize("name", PATTERNS)
def test_with_all_patterns_and_no_threshold_every_detection_of_talib_is_reported(
    name: str, market: str, request: pytest.FixtureRequest
) -> None:
    tape: Tape = request.getfixturevalue(market)
    recording: Recording = request.getfixturevalue(f"{market}_recording")
    source = source_of(PATTERNS[name])
    found = recording.found.get(name, np.zeros(len(tape), np.bool_))
    for span in tape.spans():
        expected = says(source, getattr(talib, source.function)(*tape.prices(span)))
        assert not (expected & ~found[span]).any()
        assert np.flatnonzero(found[span][WARM_UP:] & ~expected[WARM_UP:]).tolist() == []


@pytest.mark.parametrize("market", ["us_stocks", "thin_stocks"])
@pytest.mark.parametrize(
    ("function", "arguments", "outputs"),
    [
        ("RSI", {"timeperiod": 14}, [("RSI_14", "value")]),
        ("SMA", {"timeperiod": 20}, [("SMA_20", "value")]),
        ("SMA", {"timeperiod": 50}, [("SMA_50", "value")]),
        ("SMA", {"timeperiod": 200}, [("SMA_200", "value")]),
        (
            "MACD",
            {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9},
            [("MACD_12_26_9", "value"), ("MACD_12_26_9", "signal"), ("MACD_12_26_9", "histogram")],
        ),
        (
            "BBANDS",
            {"timeperiod": 20, "nbdevup": 2.0, "nbdevdn": 2.0, "matype": 0},
            [("BB_20_2", "upper"), ("BB_20_2", "value"), ("BB_20_2", "lower")],
        ),
    ],
    ids=["RSI", "SMA 20", "SMA 50", "SMA 200", "MACD", "BB"],
)
def test_indicators_are_talib_s_bit_for_bit(
    market: str,
    function: str,
    arguments: dict[str, float],
    outputs: list[tuple[str, str]],
    request: pytest.FixtureRequest,
) -> None:
    tape: Tape = request.getfixturevalue(market)
    recording: Recording = request.getfixturevalue(f"{market}_recording")
    for key, expected in zip(outputs, batch(function, len(outputs), tape, **arguments), strict=True):
        assert np.isfinite(expected).any()
        # NaN in the same places: a value appears on the bar on which TA-Lib has its first.
        np.testing.assert_array_equal(recording.outputs[key], expected, strict=True)


def test_the_indicators_compared_are_all_that_are_computed(us_stocks_recording: Recording) -> None:
    derived = {(one.instance, name) for one in DEFAULT_INDICATORS for name in one.derived}
    plain = {(one.instance, name) for one in DEFAULT_INDICATORS for name in one.outputs}
    assert set(us_stocks_recording.outputs) == plain | derived
    assert len(plain) == 10
    assert derived == {("BB_20_2", "percent_b"), ("BB_20_2", "bandwidth")}


@pytest.mark.parametrize("market", ["us_stocks", "thin_stocks"])
def test_alerts_fire_where_talib_s_values_cross(market: str, request: pytest.FixtureRequest) -> None:
    tape: Tape = request.getfixturevalue(market)
    recording: Recording = request.getfixturevalue(f"{market}_recording")
    expected: dict[str, list[int]] = {alert: [] for alert in recording.fired}
    for span in tape.spans():
        close = tape.close[span]
        strength = talib.RSI(close, 14)
        line, signal, _ = talib.MACD(close, 12, 26, 9)
        upper, _, lower = talib.BBANDS(close, 20, 2.0, 2.0)
        for alert, fired in {
            "RSI_OVERBOUGHT": crossings(strength, np.full(len(close), 70.0), above=True),
            "RSI_OVERSOLD": crossings(strength, np.full(len(close), 30.0), above=False),
            "MACD_BULLISH_CROSS": crossings(line, signal, above=True),
            "MACD_BEARISH_CROSS": crossings(line, signal, above=False),
            "BB_UPPER_BREAK": crossings(close, upper, above=True),
            "BB_LOWER_BREAK": crossings(close, lower, above=False),
        }.items():
            expected[alert] += [span.start + bar for bar in fired]
    assert len(expected) == 6
    for alert, places in expected.items():
        assert len(places) > 100
        assert np.flatnonzero(recording.fired[alert]).tolist() == places


def test_detections_and_alerts_are_as_frequent_as_the_yardstick_says(
    us_stocks: Tape, us_stocks_recording: Recording
) -> None:
    found = dict.fromkeys(("Doji", "Hammer", "HangingMan", "ShootingStar", "MorningStar", "EveningStar"), 0)
    for candles in map(candles_of, spans_of(us_stocks)):
        for name in found:
            found[name] += len(PATTERNS[name].find(candles))
    fired = {alert: int(where.sum()) for alert, where in us_stocks_recording.fired.items()}
    per_100 = {name: 100 * count / len(us_stocks) for name, count in {**found, **fired}.items()}
    for name, expected in {
        "Doji": 16.8,
        "Hammer": 3.0,
        "HangingMan": 3.0,
        "ShootingStar": 1.1,
        "MorningStar": 0.40,
        "EveningStar": 0.39,
        "RSI_OVERBOUGHT": 1.06,
        "RSI_OVERSOLD": 1.39,
        "MACD_BULLISH_CROSS": 4.1,
        "MACD_BEARISH_CROSS": 4.1,
        "BB_UPPER_BREAK": 2.8,
        "BB_LOWER_BREAK": 3.3,
    }.items():
        assert per_100[name] == pytest.approx(expected, rel=0.03), name


def test_the_default_settings_publish_what_a_trader_can_look_at(
    us_stocks: Tape, us_stocks_recording: Recording
) -> None:
    recording = us_stocks_recording
    grades = np.concatenate([grades[~np.isnan(grades)] for grades in recording.confidence.values()])
    assert 0.3 <= 100 * len(grades) / len(us_stocks) <= 1.5
    assert 0.15 <= (grades >= HIGH_CONFIDENCE).mean() <= 0.30
    assert grades.min() >= OUT_OF_CONTEXT
    assert {"Doji", "Hammer"} <= recording.found.keys() <= set(DEFAULT_PATTERNS)


def test_talib_s_own_regression_series(test_data: Path) -> None:
    table = np.genfromtxt(test_data / "talib_reference_daily_252.csv", delimiter=",", names=True, dtype=None)
    close = np.asarray(table["close"], dtype=np.float64)
    engine = Engine(1, indicators=(rsi(14), macd(12, 26, 9), bollinger_bands(20, 2), sma(200)), patterns=())
    seen: dict[str, list[tuple[int, list[float]]]] = {}
    for bar, price in enumerate(close):
        one = np.array([price])
        analysis = engine.update(MinuteBars(bar * 60_000, np.array([0]), one, one, one, one, np.array([1])))
        for columns in analysis.indicators:
            values = [float(output[0]) for output in columns.outputs.values() if len(output)]
            if values:
                seen.setdefault(columns.definition.instance, []).append((bar, values))
    bar, strength = seen["RSI_14"][0]
    assert bar == 14
    assert strength == pytest.approx([49.147], abs=5e-4)
    bar, strength = seen["RSI_14"][-1]
    assert bar == 251
    assert strength == pytest.approx([49.632], abs=5e-4)
    bar, (line, signal, histogram) = seen["MACD_12_26_9"][0]
    assert bar == 33
    assert (line, signal) == pytest.approx((-1.97383, -2.70711), abs=5e-6)
    assert histogram == pytest.approx(line - signal)
    bar, bands = seen["BB_20_2"][0]
    assert bar == 19
    assert bands[:3] == pytest.approx([98.0734, 92.8910, 87.7086], abs=5e-5)
    assert seen["SMA_200"][0][0] == 199
