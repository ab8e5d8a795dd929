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
    KEPT,
    OPEN_MS,
    Page,
    alert,
    at,
    bars,
    checkpoint,
    critical,
    detection,
    forming,
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
from tickstockpl.contract.events import Alert, AlertData, StreamingPattern, StreamingPatternsBatch
from tickstockpl.dashboard.live.gaps import Gap
from tickstockpl.dashboard.live.history import History
from tickstockpl.dashboard.live.protocol import EVENTS_KEPT, Status, encode_frame
from tickstockpl.dashboard.live.state import LiveState
from tickstockpl.dashboard.live.symbols import SymbolState
from tickstockpl.store.audit import Acknowledgement
from tickstockpl.subscriber import Message


def fed(*messages: Message, now_ms: int = OPEN_MS) -> LiveState:
    state = LiveState()
    state.apply(messages, now_ms)
    return state


def page_of(state: LiveState) -> Page:
    state.board.cut()
    return Page(state.board.snapshot())


def status_of(state: LiveState, now_ms: int = OPEN_MS, clients: int = 0) -> Status:
    return state.measures.status(now_ms, clients)


class Follower:
    """A page that follows a board from some frame on, at its own pace."""

    def __init__(self, state: LiveState) -> None:
        state.board.cut()
        self.page = Page(state.board.snapshot(), KEPT)
        self.frame = state.board.frame
        self.told: dict[str, list[object]] = {"patterns": [], "alerts": [], "critical": [], "health_history": []}
        self.skipped: set[str] = set()

    def catch_up(self, state: LiveState) -> None:
        frame = state.board.cut()
        fields = state.board.since(self.frame)
        if fields.get("new_session"):
            self.told |= {"patterns": [], "alerts": []}
        for name, told in self.told.items():
            events = fields.get(name, [])
            assert isinstance(events, list)
            told += events
        skipped = fields.pop("skipped", [])
        assert isinstance(skipped, list)
        self.skipped |= set(skipped)
        self.page.follow(fields)
        self.frame = frame


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
    st.builds(forming, st.integers(0, 389), st.sampled_from(["AAA", "BBB", "CCC"]), close=st.floats(2, 1000)),
    st.builds(alert, st.sampled_from(["AAA", "BBB"]), st.integers(0, 389)),
    st.builds(health, st.integers(0, 389)),
    st.builds(critical, st.integers(0, 389)),
    st.just(INCOMPLETE_PATTERN),
)


@given(
    frames=st.lists(st.lists(MESSAGES, max_size=8), max_size=8),
    joined_after=st.integers(0, 8),
    lazy=st.sets(st.integers(0, 8)),
)
def test_however_often_a_page_is_brought_up_to_now_it_has_what_the_snapshot_has(
    frames: list[list[Message]], joined_after: int, lazy: set[int]
) -> None:
    state = LiveState()
    keen, slow, late = Follower(state), Follower(state), None
    for number, messages in enumerate(frames):
        if number == joined_after:
            late = Follower(state)
        state.apply(messages, OPEN_MS)
        keen.catch_up(state)
        if number not in lazy:
            slow.catch_up(state)
        if late is not None:
            late.catch_up(state)
    slow.catch_up(state)
    now = page_of(state).has
    assert keen.page.has == now
    assert slow.page.has == now
    assert late is None or late.page.has == now


@given(frames=st.lists(st.lists(MESSAGES, max_size=8), max_size=8), lazy=st.sets(st.integers(0, 8)))
def test_nobody_loses_or_doubles_an_event_of_the_session(frames: list[list[Message]], lazy: set[int]) -> None:
    state = LiveState()
    keen, slow = Follower(state), Follower(state)
    for number, messages in enumerate(frames):
        state.apply(messages, OPEN_MS)
        keen.catch_up(state)
        if number not in lazy:
            slow.catch_up(state)
    slow.catch_up(state)
    whole = fed(*(message for messages in frames for message in messages)).board.snapshot()
    assert keen.told == {name: whole[name] for name in keen.told}
    assert {name: slow.told[name] for name in ("patterns", "alerts")} == {
        name: whole[name] for name in ("patterns", "alerts")
    }


def test_who_was_away_for_longer_than_events_are_kept_is_told_what_is_left_and_that_it_is_not_all() -> None:
    state = LiveState()
    away = Follower(state)
    state.apply([alert(minute=number % 390) for number in range(EVENTS_KEPT + 5)], OPEN_MS)
    state.board.cut()
    state.apply([pattern(1)], OPEN_MS)
    away.catch_up(state)
    assert len(away.told["alerts"]) == EVENTS_KEPT
    assert away.skipped == {"alerts"}


def test_a_pattern_on_both_channels_is_shown_and_counted_once() -> None:
    state = fed(pattern(1), pattern(1, Channel.HIGH_CONFIDENCE_PATTERNS), pattern(2))
    assert state.board.snapshot()["patterns"] == [detection(1), detection(2)]
    assert status_of(state).totals.patterns == 2


def test_a_batch_is_its_patterns() -> None:
    batch = StreamingPatternsBatch([detection(1), detection(2)], 2, at(46))
    assert fed(message(Channel.PATTERNS, batch)).board.snapshot()["patterns"] == [detection(1), detection(2)]


def test_a_pattern_id_given_to_two_patterns_is_named() -> None:
    state = fed(pattern(1, symbol="NVDA"), pattern(1, symbol="TSLA"))
    assert state.board.snapshot()["patterns"] == [detection(1, "NVDA")]
    assert status_of(state).last_invalid == "pattern_id 'pattern-1' was given to two patterns"


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("payload", HOSTILE_PAYLOADS, ids=lambda payload: repr(payload[:20]))
def test_a_message_that_is_not_of_the_contract_is_counted_and_named_and_changes_nothing(
    channel: Channel, payload: bytes
) -> None:
    state = fed(started(), bars(0, "AAA"))
    before = page_of(state).has
    state.apply([(channel.value, payload)], OPEN_MS)
    assert not state.board.changed
    assert page_of(state).has == before
    status = status_of(state)
    assert status.invalid == 1
    assert status.last_invalid is not None
    assert status.last_invalid.startswith(channel.value)
    assert len(status.last_invalid) <= 300


ONE_OF_EACH = (
    started(),
    stopped(),
    checkpoint(running=session(), counts={Channel.PATTERNS.value: 1}),
    pattern(1),
    pattern(2, Channel.HIGH_CONFIDENCE_PATTERNS),
    indicator("AAA", 0.1, "MACD", instance="MACD_12_26_9", signal=0.05),
    bars(0, "AAA"),
    forming(1, "AAA"),
    alert(),
    health(),
    critical(),
)
assert {channel for channel, _ in ONE_OF_EACH} == set(Channel)


@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("sound", ONE_OF_EACH, ids=lambda sound: sound[0].removeprefix("tickstock:"))
def test_one_hostile_value_in_a_message_gets_it_refused_or_reaches_the_page_as_json(
    sound: Message, value: object
) -> None:
    for hostile in spoiled(sound, value):
        state = fed(sound, hostile, sound)
        assert status_of(state).invalid <= 1
        state.board.cut()
        for fields in (state.board.since(0), {**state.board.snapshot(), "status": status_of(state)}):
            json.loads(encode_frame("delta", {"epoch": "epoch", "since": 0, "seq": 1}, fields))
        state.apply([started(2)], OPEN_MS)
        assert state.session == session(2)


def test_the_specifications_incomplete_test_event_is_named() -> None:
    status = status_of(fed(INCOMPLETE_PATTERN))
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
    assert Page(state.board.snapshot()).has["symbols"]["AAA"]["indicators"] == {
        "RSI_14": {"value": 50.123457},
        "MACD_12_26_9": {"value": 0.1, "signal": 0.05, "histogram": 0.05},
        "BB_20": {"value": 10.0, "upper": 11.0, "lower": 9.0, "percent_b": 0.5},
        "SMA": {"value": 6.0},
    }


def test_the_first_open_is_known_only_to_who_heard_the_session_begin() -> None:
    whole = Page(fed(started(), bars(0, "AAA", open_=10.0), bars(1, "AAA", open_=20.0)).board.snapshot())
    assert whole.has["symbols"]["AAA"]["first_open"] == 10.0
    late = Page(fed(checkpoint(running=session()), bars(1, "AAA", open_=20.0)).board.snapshot())
    assert "first_open" not in late.has["symbols"]["AAA"]


def test_a_bar_that_forms_is_told_until_it_is_sealed_and_not_after() -> None:
    state = fed(started(), bars(0, "AAA"), forming(1, "AAA", close=12.0))
    page = Follower(state)
    assert page.page.has["symbols"]["AAA"]["forming"] == [10.0, 12.0, 10.0, 12.0, 700]
    assert page.page.has["symbols"]["AAA"]["minute"] == at(0)
    state.apply([bars(1, "AAA"), forming(1, "AAA", close=3.0)], OPEN_MS)
    page.catch_up(state)
    assert page.page.has["symbols"]["AAA"]["forming"] is None
    assert page.page.has == page_of(state).has
    assert status_of(state).totals.bars == 2, "a forming bar is none"


def test_a_lost_redis_ends_the_knowledge_of_first_opens() -> None:
    state = fed(started())
    state.set_redis("lost")
    state.set_redis("connected")
    state.apply([bars(5, "AAA")], OPEN_MS)
    assert "first_open" not in Page(state.board.snapshot()).has["symbols"]["AAA"]


def test_a_late_joiner_learns_the_running_session_from_the_checkpoint() -> None:
    state = fed(checkpoint(running=session(1)))
    assert state.session == session(1)
    assert state.unread_session == session_id(1)
    status = status_of(state, OPEN_MS + 250, 3)
    assert (status.source, status.speed, status.market_time) == ("simulator:1", 60.0, at(45))
    assert (status.producer_age_ms, status.clients) == (250, 3)


def test_a_checkpoint_without_session_ends_the_one_that_was_running() -> None:
    assert fed(started(), checkpoint(running=None)).session is None


def test_a_new_session_begins_with_new_totals_and_no_symbols() -> None:
    state = fed(started(1), bars(0, "AAA"), indicator(), alert(), stopped(1))
    assert state.session is None
    assert state.summary is not None
    assert status_of(state).totals.bars == 1
    state.apply([started(2)], OPEN_MS)
    totals = status_of(state).totals
    assert (totals.bars, totals.indicators, totals.alerts, totals.patterns) == (0, 0, 0, 0)
    assert state.board.snapshot()["symbols"] == {}


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
def test_a_snapshot_holds_fewer_events_than_are_kept(messages: list[Message], name: str, kept: int) -> None:
    state = fed(*messages)
    state.board.cut()
    told, shown = state.board.since(0)[name], state.board.snapshot()[name]
    assert isinstance(told, list)
    assert len(told) == min(len(messages), EVENTS_KEPT if kept == 300 else kept)
    assert shown == told[-kept:]


def test_symbols_and_instances_that_a_producer_invents_are_bounded() -> None:
    state = fed(*(indicator("AAA", 1.0, f"X{number}") for number in range(70)))
    assert len(Page(state.board.snapshot()).has["symbols"]["AAA"]["indicators"]) == 64
    assert status_of(state).invalid == 6


def test_names_without_end_are_refused() -> None:
    long = "x" * 1_000
    endless = detection(1)
    endless = msgspec.structs.replace(endless, metadata=msgspec.structs.replace(endless.metadata, pattern_id=long))
    state = fed(indicator("AAA", 1.0, instance=long), message(Channel.PATTERNS, StreamingPattern(endless)))
    assert not state.board.changed
    assert status_of(state).invalid == 2


def test_latency_is_the_checkpoints_age_on_arrival() -> None:
    state = LiveState()
    for age_ms in range(1, 101):
        state.apply([checkpoint(sent_ms=OPEN_MS - age_ms)], OPEN_MS)
    latency = status_of(state).latency_ms
    assert latency is not None
    assert (latency.p50, latency.p95, latency.p99) == (50, 95, 99)
    assert status_of(state, OPEN_MS + 61_000).latency_ms is None


def test_what_the_counts_say_was_sent_and_did_not_arrive_is_missed() -> None:
    patterns, alerts = Channel.PATTERNS.value, Channel.INDICATOR_ALERTS.value
    state = fed(
        checkpoint(1, counts={patterns: 100, alerts: 7}),
        pattern(1),
        pattern(2),
        checkpoint(2, counts={patterns: 105, alerts: 8}),
    )
    assert status_of(state).missed == 4


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
    state.put_under(history)
    page = Page(state.board.snapshot())
    assert state.board.snapshot()["patterns"] == [detection(1), detection(2)]
    assert page.has["symbols"]["AAA"]["minute"] == at(9)
    assert page.has["symbols"]["AAA"]["first_open"] == 7.0
    assert page.has["symbols"]["AAA"]["indicators"] == {"SMA": {"value": 3.0}}
    assert page.has["symbols"]["BBB"]["minute"] == at(8)
    totals = status_of(state).totals
    assert (totals.patterns, totals.bars) == (40, 60)
    assert state.unread_session is None
    state.board.cut()
    state.apply([pattern(1, Channel.HIGH_CONFIDENCE_PATTERNS)], OPEN_MS)
    assert not state.board.changed, "a pattern that the history has is not told again"


def test_history_of_another_session_is_not_mixed_in() -> None:
    state = fed(started(2))
    assert not state.put_under(History(session_id(1), patterns=[detection(1)]))
    assert state.session == session(2)
    assert state.board.snapshot()["patterns"] == []


def gap_of(state: LiveState) -> Gap:
    (gap,) = state.board.gaps.all()
    return gap


def missing(**counts: int) -> tuple[Message, Message]:
    """Two checkpoints between which so much was sent."""
    names = {channel.name.lower(): channel.value for channel in Channel}
    before = dict.fromkeys(names.values(), 1)
    after = before | {names[name]: count + 1 for name, count in counts.items()}
    return checkpoint(1, session(1), before), checkpoint(2, session(1), after)


def test_what_did_not_arrive_is_found_in_the_tables_and_told_as_repaired() -> None:
    first, second = missing(patterns=3, indicator_alerts=1, indicators=5)
    state = fed(first, pattern(2), second)
    page = Follower(state)
    assert gap_of(state).missed == {"patterns": 2, "alerts": 1, "indicators": 5}
    stored = [detection(number, minute=44 + number) for number in (1, 2, 3)]
    lost = Alert("AAPL", "RSI_OVERBOUGHT", at(45), AlertData("RSI", 75.2, 70.0, "above"), "warning")
    values: SymbolState = {"bar": (1.0, 1.0, 1.0, 1.0, 1), "minute": at(45), "indicators": {"SMA_20": {"value": 2.0}}}
    state.repair(History(session_id(1), patterns=stored, alerts=[lost], symbols={"AAA": values}))
    state.board.cut()
    fields = state.board.since(page.frame)
    assert fields["repaired"] == {"patterns": [stored[0], stored[2]], "alerts": [lost]}
    assert fields["symbols"] == {"AAA": values}
    page.catch_up(state)
    assert page.page.has == page_of(state).has
    (gap,) = state.board.gaps.open.values()
    assert gap.is_whole
    assert gap.found == {"patterns": 2, "alerts": 1}


def test_what_was_repaired_is_not_repaired_again_nor_told_again_when_it_comes_late() -> None:
    state = fed(*missing(patterns=1))
    for _ in range(2):
        state.repair(History(session_id(1), patterns=[detection(1)]))
    state.apply([pattern(1)], OPEN_MS)
    assert state.board.snapshot()["patterns"] == [detection(1)]
    (gap,) = state.board.gaps.open.values()
    assert gap.found == {"patterns": 1}


def test_newer_values_than_the_tables_have_stay() -> None:
    state = fed(checkpoint(running=session(1)), bars(9, "AAA"), indicator("AAA", 3.00004, "SMA"))
    older: SymbolState = {"bar": (1.0, 1.0, 1.0, 1.0, 1), "minute": at(8), "indicators": {"SMA": {"value": 9.0}}}
    state.repair(History(session_id(1), symbols={"AAA": older}))
    assert Page(state.board.snapshot()).has["symbols"]["AAA"]["indicators"] == {"SMA": {"value": 3.00004}}
    same: SymbolState = {
        "bar": (1.0, 1.0, 1.0, 1.0, 1),
        "minute": at(9),
        "indicators": {"SMA": {"value": 3.0}, "RSI": {"value": 50.0}},
    }
    state.repair(History(session_id(1), symbols={"AAA": same}))
    symbol = Page(state.board.snapshot()).has["symbols"]["AAA"]
    assert symbol["bar"] == [10.0, 11.0, 9.0, 10.5, 1200]
    assert symbol["indicators"] == {"SMA": {"value": 3.00004}, "RSI": {"value": 50.0}}


def test_a_producer_that_began_anew_while_redis_was_away_leaves_a_gap_that_nobody_counted() -> None:
    state = fed(started(), checkpoint(1, session(1)))
    state.set_redis("lost")
    state.set_redis("connected")
    state.apply([checkpoint(1, session(1), service="service-2")], OPEN_MS)
    assert (gap_of(state).missed, gap_of(state).state) == (None, "repairing")


def test_a_redis_that_was_away_without_anything_being_sent_leaves_no_gap() -> None:
    state = fed(started(), checkpoint(1, session(1)))
    state.set_redis("lost")
    state.set_redis("connected")
    state.apply([checkpoint(2, session(1))], OPEN_MS)
    assert state.board.gaps.all() == []


def test_acknowledgements_are_told_once() -> None:
    state = fed(critical())
    seen = Acknowledgement("feed", at(45), "ann", at(46))
    state.acknowledge([seen])
    state.board.cut()
    state.acknowledge([seen])
    assert not state.board.changed
    assert state.board.snapshot()["acknowledgements"] == [seen]
