"""Messages are read leniently where the contract may grow, and refused with a reason where they break it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.samples import (
    BATCH,
    HEALTH,
    INCOMPLETE_PATTERN,
    INDICATOR,
    PATTERN,
    SAMPLES,
    SESSION_STARTED,
)
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import ContractError, decode

CHECKPOINT = """{
  "type": "streaming_checkpoint", "service_id": "s", "sequence": 1, "counts": {}, "source": "redis", "speed": null,
  "market_time": "2025-10-05T10:15:00.000Z", "session": null, "timestamp": "2025-10-05T10:15:00.000Z"
}"""


def changed(sample: str, path: str, value: object) -> str:
    """The sample with the value at ``path`` (keys joined by dots) replaced."""
    message = json.loads(sample)
    *parents, last = path.split(".")
    place = message
    for key in parents:
        place = place[key]
    assert last in place
    place[last] = value
    return json.dumps(message)


def without(sample: str, path: str) -> str:
    """The sample without the field at ``path``."""
    message = json.loads(sample)
    *parents, last = path.split(".")
    place = message
    for key in parents:
        place = place[key]
    del place[last]
    return json.dumps(message)


def refusal(channel: Channel | str, payload: bytes | str) -> str:
    """Why the message is refused."""
    with pytest.raises(ContractError) as caught:
        decode(channel, payload)
    return str(caught.value)


def with_extras(value: Any) -> Any:
    """The same JSON with an unknown field in every object."""
    if isinstance(value, dict):
        return {"new_in_2027": [1, {"a": None}], **{key: with_extras(item) for key, item in value.items()}}
    return [with_extras(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("channel", "sample"), [pair for pair in SAMPLES if pair[0] is not Channel.INDICATORS])
def test_unknown_fields_are_ignored(channel: Channel, sample: str) -> None:
    assert decode(channel, json.dumps(with_extras(json.loads(sample)))) == decode(channel, sample)


def test_indicator_metadata_is_open() -> None:
    event = json.loads(INDICATOR)
    event["calculation"]["metadata"] |= {"signal": None, "instance": "RSI_14", "upper": 1.5}
    decoded: Any = decode(Channel.INDICATORS, json.dumps(event))
    assert decoded.calculation.metadata == event["calculation"]["metadata"]


def test_the_specification_s_incomplete_example_is_refused_by_the_name_of_what_is_missing() -> None:
    reason = refusal(Channel.PATTERNS, INCOMPLETE_PATTERN)
    assert reason == ("tickstock:patterns:streaming: Object missing required field `timestamp` - at `$.detection`")


@pytest.mark.parametrize(
    ("channel", "payload", "reason"),
    [
        (Channel.PATTERNS, without(PATTERN, "detection.bar_data.volume"), "`volume` - at `$.detection.bar_data`"),
        (Channel.PATTERNS, without(PATTERN, "type"), "`type`"),
        (Channel.PATTERNS, changed(PATTERN, "type", "nonsense"), "Invalid value 'nonsense'"),
        (Channel.HEALTH, without(HEALTH, "type"), "`type`"),
        (Channel.PATTERNS, changed(PATTERN, "detection.confidence", 1.2), "$.detection.confidence"),
        (Channel.PATTERNS, changed(PATTERN, "detection.confidence", "0.8"), "$.detection.confidence"),
        (Channel.PATTERNS, changed(PATTERN, "detection.symbol", "nvda"), "$.detection.symbol"),
        (Channel.PATTERNS, changed(PATTERN, "detection.symbol", "NVDA\n"), "$.detection.symbol"),
        (Channel.PATTERNS, changed(PATTERN, "detection.symbol", ""), "$.detection.symbol"),
        (Channel.PATTERNS, changed(PATTERN, "detection.symbol", "ABCDEFGHIJK"), "$.detection.symbol"),
        (Channel.PATTERNS, changed(PATTERN, "detection.timeframe", "5min"), "$.detection.timeframe"),
        (Channel.PATTERNS, changed(PATTERN, "detection.bar_data.open", 0), "$.detection.bar_data.open"),
        (Channel.PATTERNS, changed(PATTERN, "detection.bar_data.volume", -1), "$.detection.bar_data.volume"),
        (Channel.PATTERNS, changed(PATTERN, "detection.bar_data.volume", 1.5), "$.detection.bar_data.volume"),
        (Channel.PATTERNS, changed(BATCH, "patterns", []), "$.patterns"),
        (Channel.PATTERNS, changed(BATCH, "patterns", json.loads(BATCH)["patterns"] * 26), "$.patterns"),
        (Channel.SESSION_STARTED, changed(SESSION_STARTED, "session.session_id", "1"), "$.session.session_id"),
        (Channel.SESSION_STARTED, changed(SESSION_STARTED, "session.symbol_count", True), "$.session.symbol_count"),
        (Channel.SESSION_STARTED, changed(SESSION_STARTED, "timestamp", "2025-10-05T09:30:00Z"), "$.timestamp"),
        (Channel.SESSION_STARTED, changed(SESSION_STARTED, "timestamp", "2025-10-05T09:30:00.000Z\n"), "$.timestamp"),
        (Channel.SESSION_STARTED, changed(SESSION_STARTED, "timestamp", "2025-13-05T09:30:00.000Z"), "$.timestamp"),
        (Channel.SESSION_STARTED, changed(SESSION_STARTED, "timestamp", "２025-10-05T09:30:00.000Z"), "$.timestamp"),
        (Channel.HEALTH, changed(HEALTH, "health.status", "ill"), "$.health.status"),
        (Channel.HEALTH, changed(HEALTH, "health.resource_usage.cpu_percent", 101), "cpu_percent"),
        (Channel.INDICATORS, INDICATOR.replace("72.5", "NaN"), "malformed"),
        (Channel.INDICATORS, INDICATOR.replace("72.5", "1e999"), "out of range"),
        (Channel.INDICATORS, INDICATOR.replace("72.5", "null"), "$.calculation.value"),
        (Channel.INDICATORS, INDICATOR + "x", "trailing"),
        (Channel.CHECKPOINT, changed(CHECKPOINT, "timestamp", "2025-02-30T09:30:00.000Z"), "day is out of range"),
        (Channel.HEALTH, PATTERN, "carries no 'streaming_pattern'"),
        (Channel.HEALTH, "", "truncated"),
        (Channel.HEALTH, "[]", "Expected `object`, got `array`"),
        (Channel.HEALTH, b'{"type": "\xff"}', "malformed|UTF-8"),
        (Channel.PATTERNS, PATTERN.encode().replace(b"NVDA", b"\xff"), "UTF-8"),
        (Channel.PATTERNS, PATTERN.replace("NVDA", "\ud800"), "UTF-8"),
    ],
)
def test_a_broken_message_is_refused_with_channel_place_and_reason(
    channel: Channel, payload: bytes | str, reason: str
) -> None:
    said = refusal(channel, payload)
    assert said.startswith(f"{channel}: ")
    assert any(part in said for part in reason.split("|")), said


def test_an_unknown_channel_is_refused_by_name() -> None:
    assert refusal("tickstock:nothing", PATTERN) == "channel 'tickstock:nothing' is not one of the contract's"


@pytest.mark.parametrize("opening", ['{"type":"streaming_health","deep":', '{"deep":', ""])
def test_huge_nesting_is_refused_like_any_other_broken_message(opening: str) -> None:
    depth = 200_000
    assert refusal(Channel.HEALTH, opening + "[" * depth).startswith(f"{Channel.HEALTH}: ")


@given(st.sampled_from(list(Channel)), st.binary(max_size=200) | st.text(max_size=200))
def test_no_bytes_raise_anything_but_a_contract_error(channel: Channel, payload: bytes | str) -> None:
    with pytest.raises(ContractError):
        decode(channel, payload)
