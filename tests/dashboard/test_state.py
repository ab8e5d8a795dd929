"""The page's state: what a message changes, and that deltas tell all of it."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dashboard.hostile import HOSTILE_VALUES, spoiled
from tests.dashboard.samples import (
    HOSTILE_PAYLOADS,
    INCOMPLETE_PATTERN,
    OPEN_MS,
    Page,
    alert,
    at,
    bars,
    checkpoint,
    critical,
    detection,
    health,
    indicator,
    message,
    pattern,
    session,
    session_id,
    started,
    stopped,
)
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import StreamingPattern, StreamingPatternsBatch
from tickstockpl.dashboard.history import History
from tickstockpl.dashboard.protocol import encode_frame
from tickstockpl.dashboard.state import LiveState
from tickstockpl.dashboard.subscriber import Message


def fed(*messages: Message, now_ms: int = OPEN_MS) -> LiveState:
    state = LiveState()
    state.apply(messages, now_ms)
    return state


def page_of(state: LiveState) -> Page:
    state.take_deltas()
    return Page(state.snapshot())


MESSAGES = st.one_of(
    st.integers(1, 3).map(started),
    st.integers(1, 3).map(stopped),
    st.builds(checkpoint, running=st.one_of(st.none(), st.integers(1, 3).map(session))),
    st.builds(pattern, st.integers(1, 30), st.sampled_from([Channel.PATTERNS, Channel.HIGH_CONFIDENCE_PATTERNS])),
    st.builds(
        indicator,
        st.sampled_from(["AAA", "BBB"]),
        st.floats(-1e6, 1e6),
        st.sampled_from(["RSI", "MACD", "BB"]),
        signal=st.floats(-1, 1),
        period=st.integers(1, 3),
    ),
    st.builds(bars, st.integers(0, 389), st.sampled_from(["AAA", "BBB", "CCC"]), open_=st.floats(2, 1000)),
    st.builds(alert, st.sampled_from(["AAA", "BBB"]), st.integers(0, 389)),
    st.builds(health, st.integers(0, 389)),
    st.builds(critical, st.integers(0, 389)),
    st.just(INCOMPLETE_PATTERN),
)


@given(frames=st.lists(st.lists(MESSAGES, max_size=8), max_size=8), joined_after=st.integers(0, 8))
def test_however_messages_fall_into_frames_a_page_has_what_the_snapshot_has(
    frames: list[list[Message]], joined_after: int
) -> None:
    state = LiveState()
    page = page_of(state)
    late: Page | None = None
    for number, messages in enumerate(frames):
        if number == joined_after:
            late = Page(state.snapshot())
        state.apply(messages, OPEN_MS)
        for delta in state.take_deltas():
            page.follow(delta)
            if late is not None:
                late.follow(delta)
    assert page.has == page_of(state).has
    assert late is None or late.has == page.has


@given(frames=st.lists(st.lists(MESSAGES, max_size=8), max_size=8))
def test_deltas_lose_and_double_no_event(frames: list[list[Message]]) -> None:
    told: dict[str, list[object]] = {"patterns": [], "alerts": [], "critical": [], "health_history": []}
    state = LiveState()
    for messages in frames:
        state.apply(messages, OPEN_MS)
        for delta in state.take_deltas():
            for name, events in told.items():
                added = delta.get(name, [])
                assert isinstance(added, list)
                events += added
    whole = fed(*(message for messages in frames for message in messages)).snapshot()
    assert {name: whole[name] for name in told} == told


def test_a_pattern_on_both_channels_is_shown_and_counted_once() -> None:
    state = fed(pattern(1), pattern(1, Channel.HIGH_CONFIDENCE_PATTERNS), pattern(2))
    assert state.snapshot()["patterns"] == [detection(1), detection(2)]
    assert state.status(OPEN_MS, 0).totals.patterns == 2


def test_a_batch_is_its_patterns() -> None:
    batch = StreamingPatternsBatch([detection(1), detection(2)], 2, at(46))
    assert fed(message(Channel.PATTERNS, batch)).snapshot()["patterns"] == [detection(1), detection(2)]


def test_a_pattern_id_given_to_two_patterns_is_named() -> None:
    state = fed(pattern(1, symbol="NVDA"), pattern(1, symbol="TSLA"))
    assert state.snapshot()["patterns"] == [detection(1, "NVDA")]
    assert state.status(OPEN_MS, 0).last_invalid == "pattern_id 'pattern-1' was given to two patterns"


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("payload", HOSTILE_PAYLOADS, ids=lambda payload: repr(payload[:20]))
def test_a_message_that_is_not_of_the_contract_is_counted_and_named_and_changes_nothing(
    channel: Channel, payload: bytes
) -> None:
    state = fed(started(), bars(0, "AAA"))
    before = page_of(state).has
    state.apply([(channel.value, payload)], OPEN_MS)
    assert not state.changed
    assert page_of(state).has == before
    status = state.status(OPEN_MS, 0)
    assert status.invalid == 1
    assert status.last_invalid is not None
    assert status.last_invalid.startswith(channel.value)
    assert len(status.last_invalid) <= 300


ONE_OF_EACH = (
    started(),
    stopped(),
    checkpoint(running=session(), counts={Channel.PATTERNS.value: 1}),
    pattern(1),
    indicator("AAA", 0.1, "MACD", instance="MACD_12_26_9", signal=0.05),
    bars(0, "AAA"),
    alert(),
    health(),
    critical(),
)


@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("sound", ONE_OF_EACH, ids=lambda sound: sound[0].removeprefix("tickstock:"))
def test_one_hostile_value_in_a_message_gets_it_refused_or_reaches_the_page_as_json(
    sound: Message, value: object
) -> None:
    for hostile in spoiled(sound, value):
        state = fed(sound, hostile, sound)
        assert state.status(OPEN_MS, 0).invalid <= 1
        frames = [*state.take_deltas(), {**state.snapshot(), "status": state.status(OPEN_MS, 0)}]
        for fields in frames:
            json.loads(encode_frame("delta", "epoch", 1, fields))
        state.apply([started(2)], OPEN_MS)
        assert state.session == session(2)


def test_the_specifications_incomplete_test_event_is_named() -> None:
    status = fed(INCOMPLETE_PATTERN).status(OPEN_MS, 0)
    assert status.invalid == 1
    assert status.last_invalid == (
        "tickstock:patterns:streaming: Object missing required field `timestamp` - at `$.detection`"
    )


def test_indicators_are_kept_by_instance_with_what_the_page_shows_of_them() -> None:
    state = fed(
        indicator("AAA", 50.123456789, "RSI", instance="RSI_14", period=14),
        indicator("AAA", 0.1, "MACD", instance="MACD_12_26_9", signal=0.05, histogram=0.05, fast=12),
        indicator("AAA", 10.0, "BB", period=20, upper=11.0, lower=9.0, percent_b=0.5, bandwidth=0.2),
        indicator("AAA", 5.0, "SMA"),
        indicator("AAA", 6.0, "SMA"),
    )
    assert Page(state.snapshot()).has["symbols"]["AAA"]["indicators"] == {
        "RSI_14": {"value": 50.123457},
        "MACD_12_26_9": {"value": 0.1, "signal": 0.05, "histogram": 0.05},
        "BB_20": {"value": 10.0, "upper": 11.0, "lower": 9.0, "percent_b": 0.5},
        "SMA": {"value": 6.0},
    }


def test_the_first_open_is_known_only_to_who_heard_the_session_begin() -> None:
    whole = Page(fed(started(), bars(0, "AAA", open_=10.0), bars(1, "AAA", open_=20.0)).snapshot())
    assert whole.has["symbols"]["AAA"]["first_open"] == 10.0
    late = Page(fed(checkpoint(running=session()), bars(1, "AAA", open_=20.0)).snapshot())
    assert "first_open" not in late.has["symbols"]["AAA"]


def test_a_lost_redis_ends_the_knowledge_of_first_opens() -> None:
    state = fed(started())
    state.set_redis("lost")
    state.set_redis("connected")
    state.apply([bars(5, "AAA")], OPEN_MS)
    assert "first_open" not in Page(state.snapshot()).has["symbols"]["AAA"]


def test_a_late_joiner_learns_the_running_session_from_the_checkpoint() -> None:
    state = fed(checkpoint(running=session(1)))
    assert state.session == session(1)
    assert state.unread_session == session_id(1)
    status = state.status(OPEN_MS + 250, 3)
    assert (status.source, status.speed, status.market_time) == ("simulator:1", 60.0, at(45))
    assert (status.producer_age_ms, status.clients) == (250, 3)


def test_a_checkpoint_without_session_ends_the_one_that_was_running() -> None:
    assert fed(started(), checkpoint(running=None)).session is None


def test_a_new_session_begins_with_new_totals_and_no_symbols() -> None:
    state = fed(started(1), bars(0, "AAA"), indicator(), alert(), stopped(1))
    assert state.session is None
    assert state.summary is not None
    assert state.status(OPEN_MS, 0).totals.bars == 1
    state.apply([started(2)], OPEN_MS)
    totals = state.status(OPEN_MS, 0).totals
    assert (totals.bars, totals.indicators, totals.alerts, totals.patterns) == (0, 0, 0, 0)
    assert state.snapshot()["symbols"] == {}


def test_the_end_of_another_session_does_not_end_the_running_one() -> None:
    state = fed(started(2), stopped(1))
    assert state.session == session(2)


@pytest.mark.parametrize(
    ("messages", "name", "kept"),
    [
        ([pattern(number) for number in range(400)], "patterns", 300),
        ([alert(minute=number % 390) for number in range(400)], "alerts", 300),
        ([critical(text=str(number)) for number in range(400)], "critical", 50),
        ([health(minute) for minute in range(390)], "health_history", 60),
    ],
)
def test_a_snapshot_is_bounded_and_a_delta_is_not(messages: list[Message], name: str, kept: int) -> None:
    state = fed(*messages)
    (delta,) = state.take_deltas()
    told, shown = delta[name], state.snapshot()[name]
    assert isinstance(told, list)
    assert len(told) == len(messages)
    assert shown == told[-kept:]


def test_symbols_and_instances_that_a_producer_invents_are_bounded() -> None:
    state = fed(*(indicator("AAA", 1.0, f"X{number}") for number in range(70)))
    assert len(Page(state.snapshot()).has["symbols"]["AAA"]["indicators"]) == 64
    assert state.status(OPEN_MS, 0).invalid == 6


def test_names_without_end_are_refused() -> None:
    long = "x" * 1_000
    endless = detection(1)
    endless = msgspec.structs.replace(endless, metadata=msgspec.structs.replace(endless.metadata, pattern_id=long))
    state = fed(indicator("AAA", 1.0, instance=long), message(Channel.PATTERNS, StreamingPattern(endless)))
    assert not state.changed
    assert state.status(OPEN_MS, 0).invalid == 2


def test_latency_is_the_checkpoints_age_on_arrival() -> None:
    state = LiveState()
    for age_ms in range(1, 101):
        state.apply([checkpoint(sent_ms=OPEN_MS - age_ms)], OPEN_MS)
    latency = state.status(OPEN_MS, 0).latency_ms
    assert latency is not None
    assert (latency.p50, latency.p95, latency.p99) == (50, 95, 99)
    assert state.status(OPEN_MS + 61_000, 0).latency_ms is None


def test_what_the_counts_say_was_sent_and_did_not_arrive_is_missed() -> None:
    patterns, alerts = Channel.PATTERNS.value, Channel.INDICATOR_ALERTS.value
    state = fed(
        checkpoint(1, counts={patterns: 100, alerts: 7}),
        pattern(1),
        pattern(2),
        checkpoint(2, counts={patterns: 105, alerts: 8}),
    )
    assert state.status(OPEN_MS, 0).missed == 4


def test_history_is_put_under_what_was_heard_live() -> None:
    state = fed(checkpoint(running=session(1)), pattern(2), bars(9, "AAA"), indicator("AAA", 3.0, "SMA"), health(9))
    history = History(
        session_id=session_id(1),
        source="simulator:1",
        session=session(1),
        patterns=[detection(1), detection(2)],
        symbols={
            "AAA": {"bar": (1.0, 1.0, 1.0, 1.0, 1), "minute": at(8), "first_open": 7.0, "indicators": {"SMA": {}}},
            "BBB": {"bar": (2.0, 2.0, 2.0, 2.0, 2), "minute": at(8), "first_open": 8.0, "indicators": {}},
        },
        totals={"patterns": 40, "indicators": 50, "alerts": 0, "bars": 60},
    )
    state.prefill(history)
    page = Page(state.snapshot())
    assert state.snapshot()["patterns"] == [detection(1), detection(2)]
    assert page.has["symbols"]["AAA"]["minute"] == at(9)
    assert page.has["symbols"]["AAA"]["first_open"] == 7.0
    assert page.has["symbols"]["AAA"]["indicators"] == {"SMA": {"value": 3.0}}
    assert page.has["symbols"]["BBB"]["minute"] == at(8)
    totals = state.status(OPEN_MS, 0).totals
    assert (totals.patterns, totals.bars) == (40, 60)
    assert state.unread_session is None
    state.apply([pattern(1, Channel.HIGH_CONFIDENCE_PATTERNS)], OPEN_MS)
    assert not state.changed, "a pattern that the history has is not told again"


def test_history_of_another_session_is_not_mixed_in() -> None:
    state = fed(started(2))
    assert not state.prefill(History(session_id(1), patterns=[detection(1)]))
    assert state.session == session(2)
    assert state.snapshot()["patterns"] == []
