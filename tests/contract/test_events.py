"""The events encode to exactly the specification's JSON, and never to anything that is not of the contract."""

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.samples import EXPLAINED_PATTERN, SAMPLES
from tests.contract.strategies import events
from tickstockpl.contract.channels import SPECIFIED_CHANNELS, Channel
from tickstockpl.contract.codec import EVENT_TYPES, decode
from tickstockpl.contract.events import (
    AlertData,
    Bar,
    BarData,
    Calculation,
    Checkpoint,
    Condition,
    DataFlow,
    Detection,
    Event,
    PatternMetadata,
    ResourceUsage,
    encode,
)

TIME = "2025-10-05T10:15:00.000Z"
SESSION_ID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(("channel", "sample"), SAMPLES)
def test_every_sample_of_the_specification_survives_decoding_and_encoding(channel: Channel, sample: str) -> None:
    event = decode(channel, sample)
    assert json.loads(encode(event)) == json.loads(sample)


@pytest.mark.parametrize(("channel", "sample"), SAMPLES)
def test_fields_are_written_in_the_specification_s_order(channel: Channel, sample: str) -> None:
    compact = json.dumps(json.loads(sample, parse_float=float), separators=(",", ":"))
    written = json.dumps(json.loads(encode(decode(channel, sample))), separators=(",", ":"))
    # 70 is written as 70.0 where a double is specified: the same JSON number.
    assert written.replace(".0,", ",") == compact.replace(".0,", ",")


def test_why_a_pattern_was_found_stands_after_what_is_specified() -> None:
    event = decode(Channel.PATTERNS, EXPLAINED_PATTERN)
    assert json.loads(encode(event)) == json.loads(EXPLAINED_PATTERN)
    assert list(json.loads(encode(event))["detection"]["metadata"]) == [
        "session_id",
        "detection_method",
        "pattern_id",
        "conditions",
        "explanation",
    ]


def test_the_samples_cover_every_specified_channel() -> None:
    assert {channel for channel, _ in SAMPLES} == set(SPECIFIED_CHANNELS)
    assert len(SPECIFIED_CHANNELS) == 8


def test_every_channel_has_its_events() -> None:
    assert set(EVENT_TYPES) == set(Channel)


@given(events)
def test_what_is_encoded_decodes_to_the_same_event(event: Event) -> None:
    channels = [channel for channel, types in EVENT_TYPES.items() if type(event) in types]
    assert channels
    for channel in channels:
        assert decode(channel, encode(event)) == event


NUMBERS: dict[str, Callable[[float], Any]] = {
    "indicator value": lambda x: Calculation("A", "RSI", x, TIME, "1min", {}),
    "alert value": lambda x: AlertData("RSI", x, 70, "above"),
    "alert threshold": lambda x: AlertData("RSI", 70, x, "above"),
    "margin": lambda x: Condition("long", x),
    "confidence": lambda x: Detection(
        "A", "Doji", x, TIME, "1min", BarData(1, 1, 1, 1, 1), PatternMetadata(SESSION_ID, "m", "p")
    ),
    "open": lambda x: BarData(x, 1, 1, 1, 0),
    "high": lambda x: BarData(1, x, 1, 1, 0),
    "low": lambda x: Bar("A", 1, 1, x, 1, 0),
    "close": lambda x: Bar("A", 1, 1, 1, x, 0),
    "ticks per second": lambda x: DataFlow(x, 0, 0),
    "cpu": lambda x: ResourceUsage(x, 0, 0),
    "speed": lambda x: Checkpoint("s", 1, {}, "redis", x, TIME, None, TIME),
}


@pytest.mark.parametrize("make", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_cannot_carry_is_refused_instead_of_written_as_null(
    make: Callable[[float], Any], number: float
) -> None:
    make(1.0)
    with pytest.raises(ValueError, match=r"finite|within 0 and 1"):
        make(number)


@given(st.floats().filter(lambda x: not 0 <= x <= 1))
def test_a_confidence_outside_0_and_1_cannot_be_sent(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence was"):
        NUMBERS["confidence"](confidence)


def test_events_cannot_be_changed() -> None:
    calculation = Calculation("A", "RSI", 50.0, TIME, "1min", {})
    with pytest.raises(AttributeError):
        calculation.value = 51.0  # type: ignore[misc]
    assert msgspec.structs.replace(calculation, value=51.0).value == 51.0
