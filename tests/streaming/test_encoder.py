"""From a minute's columns to messages and rows."""

import json
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstockpl.analysis.alerts import ALERT_RULES
from tickstockpl.analysis.engine import MinuteAnalysis, PatternColumns
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import bollinger_bands, macd, rsi
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.triggers import AlertColumns
from tickstockpl.contract.channels import HIGH_CONFIDENCE, MAX_BARS_PER_EVENT, Channel
from tickstockpl.contract.codec import decode
from tickstockpl.market.bars import MinuteBars
from tickstockpl.streaming.encoder import LARGEST_STORED_VALUE, EncodedMinute, MinuteEncoder, stored_confidence
from tickstockpl.streaming.identity import pattern_id

OPEN_MS = 1_519_655_400_000
MINUTE = "2018-02-26T14:30:00.000Z"
CLOSED_AT = "2018-02-26T14:31:00.000Z"
SESSION = UUID("550e8400-e29b-41d4-a716-446655440000")

# Five symbols of which three have a bar: what stands at row 2 is the symbol at position 4.
SYMBOLS = ("AAPL", "BRK.B", "MSFT", "NVDA", "TSLA")
BARS = MinuteBars(
    OPEN_MS,
    np.array([0, 1, 4]),
    np.array([125.50, 200.0, 10.1]),
    np.array([125.75, 201.5, 10.4]),
    np.array([125.45, 199.25, 10.0]),
    np.array([125.52, 200.75, 10.2]),
    np.array([250_000, 1, 0]),
)


def found(name: str, rows: list[int], confidence: list[float]) -> PatternColumns:
    """Detections of a real pattern; the n-th margin of the m-th detection is n + m / 10."""
    definition = PATTERNS[name]
    margins = np.arange(len(definition.margin_names))[:, np.newaxis] + np.arange(len(rows)) / 10
    return PatternColumns(definition, np.array(rows, dtype=np.intp), np.array(confidence), margins)


def alert(alert_type: str, row: int, value: float, threshold: float) -> AlertColumns:
    (rule,) = (rule for rules in ALERT_RULES.values() for rule in rules if rule.alert_type == alert_type)
    return AlertColumns(rule, rsi(), np.array([row]), np.array([value]), np.array([threshold]))


def calculated(rows: list[int], **outputs: list[float]) -> IndicatorColumns:
    columns = {name: np.array(values) for name, values in outputs.items()}
    definition = macd() if "signal" in outputs else bollinger_bands() if "upper" in outputs else rsi()
    return IndicatorColumns(definition, np.array(rows, dtype=np.intp), columns)


ANALYSIS = MinuteAnalysis(
    BARS,
    indicators=(
        calculated([0, 2], value=[72.5, 30.25]),
        calculated([1], value=[0.5], signal=[0.25], histogram=[0.25]),
    ),
    patterns=(found("Doji", [0, 2], [0.85, 0.7]), found("Hammer", [1], [0.8])),
    alerts=(alert("RSI_OVERBOUGHT", 0, 72.5, 70.0),),
)


def encoded(analysis: MinuteAnalysis = ANALYSIS, batch: int = 1, session: UUID = SESSION) -> EncodedMinute:
    return MinuteEncoder(SYMBOLS, "replay:test", session, batch).encode(analysis)


def on(minute: EncodedMinute, channel: Channel) -> list[dict[str, Any]]:
    return [json.loads(payload) for name, payload in minute.messages if name == channel]


class TestOrder:
    def test_alerts_then_patterns_then_bars_then_indicators(self) -> None:
        assert [channel for channel, _ in encoded().messages] == [
            Channel.INDICATOR_ALERTS,
            Channel.PATTERNS,  # Doji, 0.85
            Channel.HIGH_CONFIDENCE_PATTERNS,
            Channel.PATTERNS,  # Doji, 0.7
            Channel.PATTERNS,  # Hammer, 0.8
            Channel.HIGH_CONFIDENCE_PATTERNS,
            Channel.BARS,
            Channel.INDICATORS,
            Channel.INDICATORS,
            Channel.INDICATORS,
        ]

    @pytest.mark.parametrize("batch", [1, 2, 50])
    def test_every_message_is_of_the_contract(self, batch: int) -> None:
        for channel, payload in encoded(batch=batch).messages:
            decode(channel, payload)

    def test_a_minute_that_gave_nothing_still_has_its_bars(self) -> None:
        minute = encoded(MinuteAnalysis(BARS, (), (), ()))
        assert [channel for channel, _ in minute.messages] == [Channel.BARS]
        assert (minute.rows.patterns, minute.rows.indicators, minute.rows.alerts) == ([], [], [])


class TestPatterns:
    def test_an_event_says_what_was_found_where_and_why(self) -> None:
        detection = on(encoded(), Channel.PATTERNS)[0]["detection"]
        conditions = detection["metadata"].pop("conditions")
        assert detection == {
            "symbol": "AAPL",
            "pattern_type": "Doji",
            "confidence": 0.85,
            "timestamp": CLOSED_AT,
            "timeframe": "1min",
            "bar_data": {"open": 125.5, "high": 125.75, "low": 125.45, "close": 125.52, "volume": 250_000},
            "metadata": {
                "session_id": str(SESSION),
                "detection_method": "DynamicPatternIndicatorLoader",
                "pattern_id": pattern_id(SESSION, "AAPL", "Doji", CLOSED_AT),
                "explanation": PATTERNS["Doji"].explain([float(margin) for margin in range(len(conditions))]),
            },
        }
        assert [condition["name"] for condition in conditions] == list(PATTERNS["Doji"].margin_names)
        assert [condition["margin"] for condition in conditions] == list(range(len(conditions)))

    def test_each_detection_has_its_own_margins_and_bar(self) -> None:
        second = on(encoded(), Channel.PATTERNS)[1]["detection"]
        assert (second["symbol"], second["bar_data"]["close"], second["bar_data"]["volume"]) == ("TSLA", 10.2, 0)
        assert [condition["margin"] for condition in second["metadata"]["conditions"]][:2] == [0.1, 1.1][
            : len(PATTERNS["Doji"].margin_names)
        ]

    def test_a_context_that_misses_by_less_than_is_published_is_said_all_the_same(self) -> None:
        hammer = found("Hammer", [1], [0.9])
        hammer.margins[-1] = -1e-9
        (message, *_) = encoded(MinuteAnalysis(BARS, (), (hammer,), ())).messages
        metadata = json.loads(message[1])["detection"]["metadata"]
        assert metadata["explanation"].endswith("; only 1.5 × as high as usual")
        assert metadata["conditions"][-1]["margin"] == 0
        assert b"-0.0" not in message[1]

    @pytest.mark.parametrize("name", PATTERNS)
    def test_conditions_are_named_as_the_definition_names_its_margins(self, name: str) -> None:
        (event,) = on(encoded(MinuteAnalysis(BARS, (), (found(name, [1], [0.9]),), ())), Channel.PATTERNS)
        names = [condition["name"] for condition in event["detection"]["metadata"]["conditions"]]
        assert names == list(PATTERNS[name].margin_names)

    def test_high_confidence_goes_out_again_as_the_same_bytes(self) -> None:
        messages = encoded().messages
        normal = [payload for channel, payload in messages if channel == Channel.PATTERNS]
        high = [payload for channel, payload in messages if channel == Channel.HIGH_CONFIDENCE_PATTERNS]
        assert high == [
            payload for payload in normal if json.loads(payload)["detection"]["confidence"] >= HIGH_CONFIDENCE
        ]
        assert len(high) == 2, "0.85 and exactly 0.8"

    def test_the_id_tells_session_symbol_pattern_and_minute_apart_and_nothing_else(self) -> None:
        def ids(minute: EncodedMinute) -> list[str]:
            return [event["detection"]["metadata"]["pattern_id"] for event in on(minute, Channel.PATTERNS)]

        assert ids(encoded()) == ids(encoded())
        assert len(set(ids(encoded()))) == 3
        assert not set(ids(encoded())) & set(ids(encoded(session=uuid4())))
        later = MinuteBars(OPEN_MS + 60_000, BARS.index, BARS.open, BARS.high, BARS.low, BARS.close, BARS.volume)
        assert not set(ids(encoded())) & set(ids(encoded(MinuteAnalysis(later, (), ANALYSIS.patterns, ()))))

    @given(st.integers(1, 50), st.lists(st.floats(0, 1), max_size=120))
    @settings(max_examples=40)
    def test_batches_hold_every_detection_once_in_order(self, size: int, confidence: list[float]) -> None:
        rows = [number % 3 for number in range(len(confidence))]
        analysis = MinuteAnalysis(BARS, (), (found("Doji", rows, confidence),), ())
        single, batched = encoded(analysis), encoded(analysis, batch=size)
        for channel in (Channel.PATTERNS, Channel.HIGH_CONFIDENCE_PATTERNS):
            expected = [event["detection"] for event in on(single, channel)]
            events = on(batched, channel)
            if size == 1:
                assert [event["detection"] for event in events] == expected
                continue
            assert [detection for event in events for detection in event["patterns"]] == expected
            assert all(event["count"] == len(event["patterns"]) for event in events)
            assert all(event["count"] == size for event in events[:-1]), "only the last may be short"
            assert {event["batch_timestamp"] for event in events} <= {CLOSED_AT}
        assert batched.rows == single.rows


class TestBars:
    def test_one_event_holds_the_minute(self) -> None:
        (event,) = on(encoded(), Channel.BARS)
        assert (event["minute"], event["timestamp"]) == (MINUTE, CLOSED_AT)
        assert event["bars"][1] == {
            "symbol": "BRK.B",
            "open": 200.0,
            "high": 201.5,
            "low": 199.25,
            "close": 200.75,
            "volume": 1,
        }

    @pytest.mark.parametrize("count", [1, MAX_BARS_PER_EVENT, MAX_BARS_PER_EVENT + 1, 2 * MAX_BARS_PER_EVENT + 7])
    def test_more_than_an_event_may_hold_are_split(self, count: int) -> None:
        symbols = [f"S{number}" for number in range(count)]
        price = np.full(count, 10.0)
        bars = MinuteBars(OPEN_MS, np.arange(count), price, price, price, price, np.arange(count))
        minute = MinuteEncoder(symbols, "replay:test", SESSION).encode(MinuteAnalysis(bars, (), (), ()))
        events = on(minute, Channel.BARS)
        assert [bar["symbol"] for event in events for bar in event["bars"]] == symbols
        assert all(len(event["bars"]) == MAX_BARS_PER_EVENT for event in events[:-1])
        assert 1 <= len(events[-1]["bars"]) <= MAX_BARS_PER_EVENT


class TestIndicators:
    def test_an_event_holds_value_parameters_and_further_outputs(self) -> None:
        events = [event["calculation"] for event in on(encoded(), Channel.INDICATORS)]
        assert events[0] == {
            "symbol": "AAPL",
            "indicator": "RSI",
            "value": 72.5,
            "timestamp": CLOSED_AT,
            "timeframe": "1min",
            "metadata": {
                "period": 14,
                "overbought_threshold": 70,
                "oversold_threshold": 30,
                "instance": "RSI_14",
            },
        }
        assert [event["symbol"] for event in events] == ["AAPL", "TSLA", "BRK.B"]
        assert events[2]["metadata"]["signal"] == 0.25
        assert events[2]["metadata"]["instance"] == "MACD_12_26_9"

    def test_a_further_output_without_a_value_is_null(self) -> None:
        bands = calculated([0, 1], value=[1.0, 2.0], upper=[1.0, 3.0], lower=[1.0, 1.0], percent_b=[np.nan, 0.5])
        minute = encoded(MinuteAnalysis(BARS, (bands,), (), ()))
        first, second = (event["calculation"]["metadata"] for event in on(minute, Channel.INDICATORS))
        assert (first["percent_b"], second["percent_b"]) == (None, 0.5)
        assert json.loads(minute.rows.indicators[0][3])["percent_b"] is None

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_full_doubles_go_out_and_the_table_holds_what_it_can(self, value: float) -> None:
        minute = encoded(MinuteAnalysis(BARS, (calculated([0], value=[value]),), (), ()))
        (event,) = on(minute, Channel.INDICATORS)
        assert event["calculation"]["value"] == value
        ((_, _, stored, metadata),) = minute.rows.indicators
        assert abs(stored) <= LARGEST_STORED_VALUE
        if abs(value) <= LARGEST_STORED_VALUE:
            assert stored == value
            assert json.loads(metadata) == event["calculation"]["metadata"]
        else:
            assert (stored > 0) == (value > 0)
            assert json.loads(metadata) == {**event["calculation"]["metadata"], "exact_value": value}

    def test_a_value_that_is_no_number_never_leaves(self) -> None:
        with pytest.raises(ValueError, match="nan"):
            encoded(MinuteAnalysis(BARS, (calculated([0], value=[np.nan]),), (), ()))


class TestAlerts:
    def test_an_event_says_what_crossed_what(self) -> None:
        (event,) = on(encoded(), Channel.INDICATOR_ALERTS)
        assert event["alert"] == {
            "symbol": "AAPL",
            "alert_type": "RSI_OVERBOUGHT",
            "timestamp": CLOSED_AT,
            "data": {"indicator": "RSI", "value": 72.5, "threshold": 70.0, "direction": "above"},
            "severity": "warning",
        }

    def test_it_belongs_to_the_symbol_of_its_row(self) -> None:
        analysis = MinuteAnalysis(BARS, (), (), (alert("RSI_OVERSOLD", 2, 29.0, 30.0),))
        (event,) = on(encoded(analysis), Channel.INDICATOR_ALERTS)
        assert (event["alert"]["symbol"], event["alert"]["data"]["direction"]) == ("TSLA", "below")


class TestRows:
    def test_rows_are_the_messages_in_the_tables_columns(self) -> None:
        minute = encoded()
        rows = minute.rows
        assert (rows.source, rows.session_id, rows.minute, rows.closed_at) == (
            "replay:test",
            str(SESSION),
            MINUTE,
            CLOSED_AT,
        )
        assert rows.bars == [tuple(bar.values()) for bar in on(minute, Channel.BARS)[0]["bars"]]
        for row, event in zip(rows.patterns, on(minute, Channel.PATTERNS), strict=True):
            detection = event["detection"]
            assert row[:-1] == (
                detection["symbol"],
                detection["pattern_type"],
                stored_confidence(detection["confidence"]),
                *detection["bar_data"].values(),
            )
            assert json.loads(row[-1]) == detection["metadata"]
        for indicator, event in zip(rows.indicators, on(minute, Channel.INDICATORS), strict=True):
            calculation = event["calculation"]
            assert indicator[:-1] == (calculation["symbol"], calculation["indicator"], calculation["value"])
            assert json.loads(indicator[-1]) == calculation["metadata"]
        assert rows.alerts == [("AAPL", "RSI_OVERBOUGHT", "RSI", 72.5, 70.0, "above", "warning")]


@pytest.mark.parametrize(
    ("confidence", "stored"), [(0.797, 0.79), (0.8, 0.8), (0.29, 0.29), (0.57, 0.57), (0.999999, 0.99), (1.0, 1.0)]
)
def test_a_confidence_is_stored_rounded_down_so_that_nothing_becomes_highly_confident(
    confidence: float, stored: float
) -> None:
    assert stored_confidence(confidence) == stored
