"""A sound producer passes, and each thing that can be wrong is found by the rule that is there for it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.recording import (
    BEGAN_MS,
    Recording,
    broken,
    changed,
    fifty_one,
    finding,
    first,
    judge,
    late,
    lower_case,
    position,
    text_for_a_number,
    unsure,
)
from tests.dashboard.samples import HOSTILE_PAYLOADS, INCOMPLETE_PATTERN, checkpoint, health, session, started, stopped
from tickstockpl.conformance.findings import EXAMPLES
from tickstockpl.conformance.verifier import Verifier
from tickstockpl.contract.channels import SPECIFIED_CHANNELS, Channel
from tickstockpl.contract.timestamps import from_iso

RULES = ["schema", "ordering", "duplicates", "gaps", "high confidence", "health", "lifecycle", "latency"]


def without(recording: Recording, index: int) -> Recording:
    return recording[:index] + recording[index + 1 :]


def foreign(recording: Recording) -> Recording:
    """Only what the specification names: as a producer publishes that knows nothing of this one."""
    return [message for message in recording if message[0] in SPECIFIED_CHANNELS]


def test_a_real_service_breaks_no_rule(recording: Recording) -> None:
    verification = judge(recording)
    outcomes = {one.rule: one.outcome for one in verification.findings}
    assert [one.rule for one in verification.findings] == RULES
    del outcomes["latency"]  # all came in one instant here
    assert set(outcomes.values()) == {"pass"}, verification.findings
    heard = {one.channel: one.messages for one in verification.channels}
    assert heard == {channel.value: sum(name == channel for name, _ in recording) for channel in Channel}
    for channel in SPECIFIED_CHANNELS:
        if channel is not Channel.CRITICAL_ALERTS:
            assert heard[channel], f"nothing went out on {channel}, so that nothing is said of it"
    assert "the totals of 1 equal what was heard" in finding(verification, "lifecycle").said
    assert verification.sources == ["simulator:recorded"]
    assert len(verification.services) == len(verification.sessions) == 1


def test_what_a_foreign_producer_does_not_say_is_unknown_and_no_fault(recording: Recording) -> None:
    verification = judge(foreign(recording), ended_ms=from_iso("2031-01-01T00:00:00.000Z"))
    assert verification.outcome == "pass"
    assert {one.rule: one.outcome for one in verification.findings if one.outcome != "pass"} == {"gaps": "unknown"}
    assert "nobody counts" in finding(verification, "gaps").said
    assert (verification.services, verification.sources) == ([], [])


def test_nothing_heard_is_a_failure() -> None:
    verification = judge([])
    assert verification.outcome == "fail"
    assert {one.outcome for one in verification.findings} == {"unknown"}


def low_above_high(event: Any) -> None:
    bar = event["detection"]["bar_data"]
    bar["low"], bar["high"] = bar["high"] + 1, bar["low"]


def open_outside(event: Any) -> None:
    event["bars"][2]["open"] = event["bars"][2]["high"] + 0.01


def no_volume(event: Any) -> None:
    del event["detection"]["bar_data"]["volume"]


def too_sure(event: Any) -> None:
    event["detection"]["confidence"] = 1.2


def no_such_day(event: Any) -> None:
    event["detection"]["timestamp"] = "2025-02-30T13:31:00.000Z"


def local_time(event: Any) -> None:
    event["health"]["timestamp"] = "2025-10-06T09:30:00"


def another_status(event: Any) -> None:
    event["session"]["status"] = "running"


def miscounted(event: Any) -> Any:
    one = event["detection"]
    return {"type": "streaming_patterns_batch", "patterns": [one], "count": 2, "batch_timestamp": one["timestamp"]}


@pytest.mark.parametrize(
    ("channel", "change", "field"),
    [
        (Channel.PATTERNS, no_volume, "$.detection.bar_data.volume"),
        (Channel.PATTERNS, too_sure, "$.detection.confidence"),
        (Channel.PATTERNS, no_such_day, "$.detection.timestamp"),
        (Channel.PATTERNS, fifty_one, "$.patterns"),
        (Channel.PATTERNS, miscounted, "$.count"),
        (Channel.PATTERNS, low_above_high, "$.detection.bar_data"),
        (Channel.BARS, open_outside, "$.bars[2]"),
        (Channel.INDICATORS, lower_case, "$.calculation.symbol"),
        (Channel.INDICATOR_ALERTS, text_for_a_number, "$.alert.data.value"),
        (Channel.HEALTH, local_time, "$.health.timestamp"),
        (Channel.SESSION_STARTED, another_status, "$.session.status"),
    ],
)
def test_a_field_that_is_wrong_is_named(recording: Recording, channel: Channel, change: Any, field: str) -> None:
    verification = judge(changed(recording, channel, change))
    assert verification.outcome == "fail"
    assert "schema" in broken(verification)
    offender = first(verification, "schema", channel)
    assert (offender.field, offender.message) == (field, 1)
    assert offender.reason
    assert offender.excerpt.startswith("{")
    (offence,) = finding(verification, "schema").offences
    assert offence.count == 1


def test_the_specifications_own_test_event_is_counted_and_named(recording: Recording) -> None:
    verification = judge([*recording, INCOMPLETE_PATTERN])
    assert broken(verification) == {"schema"}
    offender = first(verification, "schema", Channel.PATTERNS)
    assert offender.field == "$.detection.timestamp"
    assert offender.reason == "it is missing"
    assert '"symbol":"TEST"' in offender.excerpt


def test_a_pattern_below_the_line_on_detected(recording: Recording) -> None:
    verification = judge(changed(recording, Channel.HIGH_CONFIDENCE_PATTERNS, unsure))
    offender = first(verification, "high confidence", Channel.HIGH_CONFIDENCE_PATTERNS)
    assert offender.field == "$.detection.confidence"
    assert "has confidence 0.79, below 0.8" in offender.reason


def test_a_sure_pattern_that_is_not_on_detected(recording: Recording) -> None:
    messages = foreign(recording)
    lacking = without(messages, position(messages, Channel.HIGH_CONFIDENCE_PATTERNS, 3))
    verification = judge(lacking)
    assert broken(verification) == {"high confidence"}
    assert (
        "did not go out on tickstock:patterns:detected"
        in first(verification, "high confidence", Channel.PATTERNS).reason
    )


def test_a_pattern_on_detected_alone(recording: Recording) -> None:
    copies = position(recording, Channel.HIGH_CONFIDENCE_PATTERNS, 3)
    original = next(index for index in range(copies - 1, 0, -1) if recording[index][0] == Channel.PATTERNS)
    verification = judge(foreign(without(recording, original)))
    assert "high confidence" in broken(verification)
    assert (
        "did not go out on tickstock:patterns:streaming"
        in first(verification, "high confidence", Channel.HIGH_CONFIDENCE_PATTERNS).reason
    )


@pytest.mark.parametrize("channel", [Channel.INDICATORS, Channel.PATTERNS, Channel.INDICATOR_ALERTS, Channel.BARS])
def test_a_message_that_comes_late_is_out_of_order(recording: Recording, channel: Channel) -> None:
    index = position(recording, channel)
    last = position(recording, channel, sum(name == channel for name, _ in recording))
    moved = [*recording[:index], *recording[index + 1 : last + 1], recording[index], *recording[last + 1 :]]
    verification = judge(moved)
    assert "ordering" in broken(verification)
    assert " is before " in first(verification, "ordering", channel).reason


@pytest.mark.parametrize("channel", [Channel.INDICATORS, Channel.PATTERNS, Channel.INDICATOR_ALERTS, Channel.HEALTH])
def test_what_is_said_twice_is_a_duplicate(recording: Recording, channel: Channel) -> None:
    index = position(recording, channel, 2)
    twice = [*recording[: index + 1], recording[index], *recording[index + 1 :]]
    verification = judge(twice)
    assert "duplicates" in broken(verification)
    assert first(verification, "duplicates", channel).message == 3


@pytest.mark.parametrize("channel", [Channel.INDICATORS, Channel.PATTERNS, Channel.INDICATOR_ALERTS, Channel.BARS])
def test_a_message_that_is_dropped_is_missed(recording: Recording, channel: Channel) -> None:
    checkpoints = [index for index, (name, _) in enumerate(recording) if name == Channel.CHECKPOINT]
    index = next(i for i in range(checkpoints[1], len(recording)) if recording[i][0] == channel)
    verification = judge(without(recording, index))
    assert "gaps" in broken(verification)
    assert finding(verification, "gaps").said == f"did not arrive: 1 of {channel}"
    assert "lifecycle" not in broken(verification), "the producer's totals are not to blame"


def test_a_checkpoint_that_is_dropped_is_missed(recording: Recording) -> None:
    verification = judge(without(recording, position(recording, Channel.CHECKPOINT, 5)))
    assert broken(verification) == {"gaps"}
    assert finding(verification, "gaps").said == "1 checkpoints did not arrive"


def test_health_that_comes_late(recording: Recording) -> None:
    last = sum(name == Channel.HEALTH for name, _ in recording)
    verification = judge(changed(recording, Channel.HEALTH, late, last))
    offender = first(verification, "health", Channel.HEALTH)
    assert offender.message == last
    assert "the limit is 120 s" in offender.reason


def test_a_session_without_health(recording: Recording) -> None:
    silent = [message for message in recording if message[0] != Channel.HEALTH]
    verification = judge(silent)
    assert first(verification, "health", Channel.HEALTH).reason.startswith("the session ended 1200 s after")


def test_health_that_stops_while_the_session_goes_on() -> None:
    verifier = Verifier(BEGAN_MS)
    for channel, payload in (started(), health(0), checkpoint()):
        verifier.take(channel, payload, BEGAN_MS)
    assert finding(verifier.verification(BEGAN_MS), "health").outcome == "pass", "no session is said to run"


@pytest.mark.parametrize(
    ("status", "issues", "connection"),
    [("healthy", ["High CPU usage: 85%"], "connected"), ("critical", [], "connected"), ("healthy", [], "disconnected")],
)
def test_health_that_contradicts_itself(recording: Recording, status: str, issues: list[str], connection: str) -> None:
    def contradict(event: Any) -> None:
        event["health"] |= {"status": status, "issues": issues, "connection_status": connection}

    assert broken(judge(changed(recording, Channel.HEALTH, contradict))) == {"health"}


@pytest.mark.parametrize("total", ["total_patterns", "total_indicators", "duration_seconds"])
def test_totals_that_are_not_what_was_heard(recording: Recording, total: str) -> None:
    def one_more(event: Any) -> None:
        event["session"][total] += 1

    verification = judge(changed(recording, Channel.SESSION_STOPPED, one_more))
    assert broken(verification) == {"lifecycle"}
    assert first(verification, "lifecycle", Channel.SESSION_STOPPED).field == f"$.session.{total}"


def test_of_two_sessions_at_a_time_nobody_knows_whose_the_values_are(recording: Recording) -> None:
    other = checkpoint(running=session(9), service="another")
    for place in (1, len(recording) // 2):
        verification = judge([*recording[:place], other, *recording[place:]])
        assert finding(verification, "lifecycle").outcome == "unknown"


def test_another_services_session_may_end_meanwhile(recording: Recording) -> None:
    middle = len(recording) // 2
    theirs = [checkpoint(running=session(1), service="another"), stopped(1)]
    assert "lifecycle" not in broken(judge([*recording[:middle], *theirs, *recording[middle:]]))
    unknown = [stopped(1)]
    assert "lifecycle" in broken(judge([*recording[:middle], *unknown, *recording[middle:]]))


def test_a_session_that_ends_under_another_id(recording: Recording) -> None:
    def renamed(event: Any) -> None:
        event["session"]["session_id"] = "00000000-0000-0000-0000-000000000009"

    verification = judge(changed(recording, Channel.SESSION_STOPPED, renamed))
    assert broken(verification) == {"lifecycle"}


def test_who_listens_from_the_middle_on_finds_no_fault(recording: Recording) -> None:
    for start in range(1, len(recording), 997):
        assert broken(judge(recording[start:])) <= {"latency"}, start


def test_offenders_are_counted_and_the_first_are_kept(recording: Recording) -> None:
    bad = [(Channel.PATTERNS.value, payload) for payload in HOSTILE_PAYLOADS * 100]
    verification = judge([*recording, *bad])
    (offence,) = finding(verification, "schema").offences
    assert offence.count == len(bad)
    assert len(offence.first) == EXAMPLES
    assert all(len(one.excerpt) <= 160 for one in offence.first)
    (figures,) = [one for one in verification.channels if one.channel == Channel.PATTERNS]
    assert figures.violations == len(bad)


def test_batches_are_as_good_as_single_events(recording: Recording) -> None:
    def batched(event: Any) -> Any:
        one = event["detection"]
        return {"type": "streaming_patterns_batch", "patterns": [one], "count": 1, "batch_timestamp": one["timestamp"]}

    verification = judge(changed(recording, Channel.PATTERNS, batched))
    assert broken(verification) <= {"latency"}
    (figures,) = [one for one in verification.channels if one.channel == Channel.PATTERNS]
    assert figures.batches is not None
    assert (figures.batches.batches, figures.batches.smallest, figures.batches.largest) == (1, 1, 1)


@given(st.lists(st.tuples(st.sampled_from(list(Channel)), st.binary(max_size=80)), max_size=30))
def test_no_bytes_bring_it_down(messages: list[tuple[Channel, bytes]]) -> None:
    verification = judge([(channel.value, payload) for channel, payload in messages])
    assert sum(one.messages for one in verification.channels) == len(messages)
    assert verification.outcome == "fail"


def test_it_is_json_all_the_way(recording: Recording) -> None:
    content = json.loads(msgspec.json.encode(judge(recording)))
    assert set(content) >= {"outcome", "channels", "findings", "seconds"}
