"""What each kind of event says in a line."""

import pytest

from tests.dashboard.samples import INCOMPLETE_PATTERN
from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Alert,
    AlertData,
    BarData,
    Calculation,
    Critical,
    CriticalAlert,
    DataFlow,
    Detection,
    Event,
    Health,
    IndicatorAlert,
    PatternMetadata,
    ResourceUsage,
    SessionStopped,
    SessionSummary,
    StreamingHealth,
    StreamingIndicator,
    StreamingPattern,
    StreamingPatternsBatch,
    encode,
)
from tickstockpl.monitor.entries import Entry, entries_of

TIME = "2025-10-06T13:31:00.000Z"
SESSION = "ac1d4ebe-0fc2-53cd-95a1-10b089a3d0c3"
HAMMER = Detection(
    "NVDA",
    "Hammer",
    0.876,
    TIME,
    "1min",
    BarData(1, 2, 1, 2, 3),
    PatternMetadata(SESSION, "method", "id", [], "long shadow"),
)
BARE = Detection("AAPL", "Doji", 0.5, TIME, "1min", BarData(1, 2, 1, 2, 3), PatternMetadata(SESSION, "method", "id"))


def entries(channel: Channel, event: Event) -> list[Entry]:
    return list(entries_of(Heard.read(channel, 1, encode(event), 0), 7))


def health(status: str = "healthy", *issues: str, connection: str = "connected") -> StreamingHealth:
    flow, usage = DataFlow(33.3, 500, 12), ResourceUsage(12.4, 233, 9)
    return StreamingHealth(Health(status, TIME, 500, connection, flow, usage, list(issues)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("channel", "event", "symbol", "words", "tone"),
    [
        (Channel.PATTERNS, StreamingPattern(HAMMER), "NVDA", "Hammer 0.88  long shadow", "plain"),
        (Channel.PATTERNS, StreamingPattern(BARE), "AAPL", "Doji 0.50", "plain"),
        (
            Channel.INDICATORS,
            StreamingIndicator(Calculation("NVDA", "SMA", 1234.5, TIME, "1min", {"instance": "SMA_20"})),
            "NVDA",
            "SMA_20 1,234.5000",
            "plain",
        ),
        (
            Channel.INDICATORS,
            StreamingIndicator(Calculation("NVDA", "SMA", 1.0, TIME, "1min", {})),
            "NVDA",
            "SMA 1.0000",
            "plain",
        ),
        (
            Channel.INDICATOR_ALERTS,
            IndicatorAlert(Alert("NVDA", "RSI_OVERBOUGHT", TIME, AlertData("RSI", 71.234, 70.0, "above"), "warning")),
            "NVDA",
            "RSI_OVERBOUGHT  RSI 71.23 above 70.00",
            "warning",
        ),
        (
            Channel.HEALTH,
            health(),
            "",
            "healthy  500 symbols, 33 ticks/s, 500 bars/min, lag 12 ms, CPU 12 %, 233 MB",
            "good",
        ),
        (
            Channel.HEALTH,
            health("critical", "feed lost", connection="reconnecting"),
            "",
            "critical, reconnecting: feed lost  500 symbols, 33 ticks/s, 500 bars/min, lag 12 ms, CPU 12 %, 233 MB",
            "bad",
        ),
        (
            Channel.CRITICAL_ALERTS,
            CriticalAlert(Critical("critical", "lost", TIME, "feed", "look", None)),
            "",
            "feed, critical: lost; look",
            "bad",
        ),
        (
            Channel.CRITICAL_ALERTS,
            CriticalAlert(Critical("info", "back", TIME, "feed", None, "after 2 s")),
            "",
            "feed: back; after 2 s",
            "good",
        ),
        (
            Channel.SESSION_STOPPED,
            SessionStopped(SessionSummary(SESSION, TIME, 60, 1200, 3, "failed"), TIME),
            "",
            f"failed: 1,200 patterns, 3 indicators, {SESSION}",
            "bad",
        ),
    ],
)
def test_an_event_in_words(channel: Channel, event: Event, symbol: str, words: str, tone: str) -> None:
    (entry,) = entries(channel, event)
    assert (entry.symbol, entry.words, entry.tone) == (symbol, words, tone)
    assert (entry.number, entry.time) == (7, "13:31:00")
    assert words in entry.line


def test_each_pattern_of_a_batch_has_its_line() -> None:
    made = entries(Channel.PATTERNS, StreamingPatternsBatch([HAMMER, BARE], 2, TIME))
    assert [(entry.number, entry.symbol) for entry in made] == [(7, "NVDA"), (8, "AAPL")]


def test_the_specifications_own_test_event_is_named() -> None:
    channel, payload = INCOMPLETE_PATTERN
    (entry,) = entries_of(Heard.read(channel, 1, payload, 0), 0)
    assert (entry.kind, entry.words) == ("invalid", "$.detection.timestamp: it is missing (patterns:streaming)")


def test_no_producer_talks_to_the_terminal() -> None:
    evil = Critical("critical", "red \x1b[31m\n[bold]and bold", TIME, "x\x07", None, None)
    (entry,) = entries(Channel.CRITICAL_ALERTS, CriticalAlert(evil))
    assert entry.line.isprintable()
    (entry,) = entries_of(Heard.read(Channel.HEALTH, 1, b'{"type":"\x1b[31m"}', 0), 0)
    assert entry.line.isprintable()
