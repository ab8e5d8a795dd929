"""What waits for Redis: every event in order, of state only the newest."""

from collections.abc import Hashable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import decode
from tickstockpl.contract.events import Bar, Calculation, StreamingBars, StreamingIndicator, encode
from tickstockpl.streaming.backlog import Backlog
from tickstockpl.streaming.encoder import Message

EVENTS = (
    Channel.SESSION_STARTED,
    Channel.SESSION_STOPPED,
    Channel.PATTERNS,
    Channel.HIGH_CONFIDENCE_PATTERNS,
    Channel.INDICATOR_ALERTS,
    Channel.CRITICAL_ALERTS,
)


def event(channel: Channel, number: int) -> Message:
    return channel, b"%d" % number


def indicator(symbol: str, instance: str, value: float) -> Message:
    at = "2018-02-26T14:31:00.000Z"
    return Channel.INDICATORS, encode(
        StreamingIndicator(Calculation(symbol, "SMA", value, at, "1min", {"instance": instance}))
    )


def bars(closes: dict[str, float]) -> Message:
    found = [Bar(symbol, close, close, close, close, 100) for symbol, close in closes.items()]
    return Channel.BARS, encode(StreamingBars("2018-02-26T14:30:00.000Z", "2018-02-26T14:31:00.000Z", "1min", found))


def key(message: Message) -> Hashable:
    """What a message is the state of; ``None`` for an event."""
    channel, payload = message
    if channel == Channel.HEALTH:
        return channel
    if channel == Channel.INDICATORS:
        calculation = msgspec.json.decode(payload)["calculation"]
        return channel, calculation["symbol"], calculation["metadata"]["instance"]
    if channel == Channel.BARS:
        (bar,) = msgspec.json.decode(payload)["bars"]
        return channel, bar["symbol"]
    return None


symbols = st.sampled_from(["AAA", "BBB", "CCC"])
messages = st.one_of(
    st.builds(event, st.sampled_from([*EVENTS, Channel.HEALTH]), st.integers(0, 999)),
    st.builds(indicator, symbols, st.sampled_from(["SMA_20", "SMA_200"]), st.floats(1, 100)),
    st.builds(lambda symbol, close: bars({symbol: close}), symbols, st.floats(1, 100)),
)


@given(st.lists(messages))
def test_events_all_and_state_the_newest_at_its_own_place(added: list[Message]) -> None:
    backlog = Backlog()
    for message in added:
        assert backlog.add(message)
    newest = {key(message): place for place, message in enumerate(added)}
    expected = [message for place, message in enumerate(added) if key(message) is None or newest[key(message)] == place]
    assert len(backlog) == len(expected)
    assert backlog.events == sum(key(message) is None for message in expected)
    assert backlog.take(len(added)) == expected
    assert len(backlog) == 0


@given(st.lists(messages), st.integers(1, 5))
def test_taking_in_pieces_is_taking_all(added: list[Message], count: int) -> None:
    one, other = Backlog(), Backlog()
    for message in added:
        one.add(message)
        other.add(message)
    pieces = []
    while piece := one.take(count):
        assert len(piece) <= count
        pieces += piece
    assert pieces == other.take(len(added) + 1)


def test_a_bar_is_kept_for_each_symbol() -> None:
    backlog = Backlog()
    backlog.add(bars({"AAA": 1.0, "BBB": 2.0}))
    backlog.add(bars({"BBB": 3.0, "CCC": 4.0}))
    taken = backlog.take(10)
    assert taken == [bars({"AAA": 1.0}), bars({"BBB": 3.0}), bars({"CCC": 4.0})]
    assert all(isinstance(decode(*message), StreamingBars) for message in taken)


def test_the_oldest_patterns_and_alerts_stay_and_the_rest_is_counted() -> None:
    backlog = Backlog(max_bytes=3)
    assert [backlog.add(event(Channel.PATTERNS, number)) for number in range(4)] == [True, True, True, False]
    assert not backlog.add(event(Channel.INDICATOR_ALERTS, 5))
    assert backlog.add(event(Channel.SESSION_STOPPED, 6))
    assert backlog.add(event(Channel.CRITICAL_ALERTS, 7))
    assert backlog.lost == {Channel.PATTERNS: 1, Channel.INDICATOR_ALERTS: 1}
    assert [payload for _, payload in backlog.take(10)] == [b"0", b"1", b"2", b"6", b"7"]
    assert backlog.add(event(Channel.PATTERNS, 8)), "there is room again"
