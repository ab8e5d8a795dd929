"""What the monitor counts, remembers and lists."""

from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.recording import Recording
from tests.dashboard.samples import INCOMPLETE_PATTERN
from tickstockpl.contract.channels import Channel
from tickstockpl.monitor.rates import SECONDS_KEPT, Rate
from tickstockpl.monitor.state import KEPT, Filter, Monitor


def heard(messages: Recording) -> Monitor:
    monitor = Monitor()
    for channel, payload in messages:
        monitor.take(channel, payload, 1_800_000_000_000, 5.0)
    return monitor


def test_everything_is_counted_where_it_came(recording: Recording) -> None:
    monitor = heard(recording)
    for channel in Channel:
        assert monitor.channels[channel].messages == sum(name == channel for name, _ in recording)
        assert not monitor.channels[channel].invalid
    assert monitor.missed == 0
    assert monitor.health is not None
    assert monitor.latency_ms is not None


def test_what_did_not_arrive_is_missed(recording: Recording) -> None:
    indicators = [place for place, (channel, _) in enumerate(recording) if channel == Channel.INDICATORS]
    lost = indicators[len(indicators) // 2]
    assert heard(recording[:lost] + recording[lost + 1 :]).missed == 1


def test_without_a_checkpoint_nobody_knows_what_is_missed(recording: Recording) -> None:
    assert heard([message for message in recording if message[0] != Channel.CHECKPOINT]).missed is None


def test_a_channel_that_says_much_pushes_out_only_its_own(recording: Recording) -> None:
    monitor = heard(recording)
    indicators = monitor.channels[Channel.INDICATORS]
    assert (len(indicators.entries), indicators.forgotten) == (KEPT, indicators.messages - KEPT)
    alerts = monitor.channels[Channel.INDICATOR_ALERTS]
    assert (len(alerts.entries), alerts.forgotten) == (alerts.messages, 0)


def test_entries_are_listed_in_the_order_in_which_they_came(recording: Recording) -> None:
    numbers = [entry.number for entry in Filter(hidden=frozenset()).of(heard(recording))]
    assert numbers == sorted(set(numbers))


def test_indicators_and_copies_are_listed_when_asked_for(recording: Recording) -> None:
    monitor, listed = heard(recording), Filter()
    assert not {entry.channel for entry in listed.of(monitor)} & {Channel.INDICATORS, Channel.HIGH_CONFIDENCE_PATTERNS}
    listed.toggle(Channel.INDICATORS)
    listed.toggle(Channel.HEALTH)
    channels = {entry.channel for entry in listed.of(monitor)}
    assert Channel.INDICATORS in channels
    assert Channel.HEALTH not in channels


def test_all_words_of_a_filter_must_be_there(recording: Recording) -> None:
    monitor = heard(recording)
    everything = Filter().of(monitor)
    pattern = next(entry for entry in everything if entry.kind == "pattern")
    found = Filter(f"{pattern.symbol.lower()} PATTERN").of(monitor)
    assert found == [
        entry for entry in everything if pattern.symbol in entry.line.upper() and "pattern" in entry.sought
    ]
    assert pattern in found
    assert Filter("no such words").of(monitor) == []


def test_what_is_not_valid_is_listed_though_its_channel_is_hidden() -> None:
    monitor = heard([INCOMPLETE_PATTERN])
    hidden = Filter(hidden=frozenset(Channel))
    assert [entry.kind for entry in hidden.of(monitor)] == ["invalid"]
    assert monitor.channels[Channel.PATTERNS].invalid == 1


@given(st.lists(st.tuples(st.sampled_from(Channel), st.binary(max_size=60)), max_size=30))
def test_whatever_comes_is_counted(messages: list[tuple[Channel, bytes]]) -> None:
    monitor = heard([(channel.value, payload) for channel, payload in messages])
    assert sum(state.messages for state in monitor.channels.values()) == len(messages)
    assert sum(state.invalid for state in monitor.channels.values()) == len(messages)
    assert all(entry.line.isprintable() for entry in Filter().of(monitor))


def test_a_lost_connection_is_an_interruption() -> None:
    monitor = Monitor()
    monitor.told("connected")
    assert (monitor.redis, monitor.interruptions) == ("connected", 0)
    monitor.told("lost")
    monitor.told("lost")
    assert (monitor.redis, monitor.interruptions) == ("lost", 1)


@given(st.lists(st.floats(0, 200), max_size=200).map(sorted), st.integers(1, SECONDS_KEPT - 1))
def test_a_rate_counts_whole_seconds(times: list[float], width: int) -> None:
    rate = Rate()
    for now_s in times:
        rate.add(now_s)
    now_s = max(times, default=0.0) + 1
    last = [sum(int(time) == int(now_s) - back for time in times) for back in range(1, width + 1)]
    assert (
        rate.per_second(now_s)
        == sum(last[:5] + [sum(int(t) == int(now_s) - b for t in times) for b in range(width + 1, 6)]) / 5
    )
    spark = rate.sparkline(now_s, width)
    assert len(spark) == width
    assert [sign != " " for sign in reversed(spark)] == [count > 0 for count in last]
    if any(last):
        assert "█" in spark


def test_after_a_long_silence_a_rate_is_nothing() -> None:
    rate = Rate()
    rate.add(1.0)
    assert rate.per_second(1e9) == 0
    assert rate.sparkline(1e9, 10).strip() == ""
