"""Contract messages for the dashboard's tests."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Alert,
    AlertData,
    Bar,
    BarData,
    Calculation,
    Checkpoint,
    Critical,
    CriticalAlert,
    DataFlow,
    Detection,
    Event,
    FormingBars,
    Health,
    IndicatorAlert,
    PatternMetadata,
    ResourceUsage,
    Session,
    SessionStarted,
    SessionStopped,
    SessionSummary,
    StreamingBars,
    StreamingHealth,
    StreamingIndicator,
    StreamingPattern,
    encode,
)
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.dashboard.live.protocol import MAX_ALERTS, MAX_CRITICAL, MAX_HEALTH, MAX_PATTERNS
from tickstockpl.subscriber import Message

OPEN_MS = 1_759_757_400_000
"""2025-10-06T13:30:00Z, a Monday's open."""


def at(minute: int) -> str:
    return to_iso(OPEN_MS + 60_000 * minute)


def session_id(number: int) -> str:
    return str(UUID(int=number))


def session(number: int = 1) -> Session:
    return Session(session_id(number), "demo:top_50", at(0), 3, "active")


def message(channel: Channel, event: Event) -> Message:
    return channel.value, encode(event)


def started(number: int = 1) -> Message:
    return message(Channel.SESSION_STARTED, SessionStarted(session(number), at(0)))


def stopped(number: int = 1) -> Message:
    summary = SessionSummary(session_id(number), at(390), 23_400, 12, 345, "completed")
    return message(Channel.SESSION_STOPPED, SessionStopped(summary, at(390)))


def detection(number: int, symbol: str = "NVDA", minute: int = 45) -> Detection:
    return Detection(
        symbol=symbol,
        pattern_type="Doji",
        confidence=0.85,
        timestamp=at(minute),
        timeframe="1min",
        bar_data=BarData(125.5, 125.75, 125.45, 125.52, 250_000),
        metadata=PatternMetadata(session_id(1), "test", f"pattern-{number}"),
    )


def pattern(number: int, channel: Channel = Channel.PATTERNS, symbol: str = "NVDA") -> Message:
    return message(channel, StreamingPattern(detection(number, symbol)))


def indicator(symbol: str = "NVDA", value: float = 61.25, name: str = "RSI", **metadata: float | str | None) -> Message:
    return message(Channel.INDICATORS, StreamingIndicator(Calculation(symbol, name, value, at(45), "1min", metadata)))


def alert(symbol: str = "AAPL", minute: int = 45) -> Message:
    crossing = Alert(symbol, "RSI_OVERBOUGHT", at(minute), AlertData("RSI", 75.2, 70.0, "above"), "warning")
    return message(Channel.INDICATOR_ALERTS, IndicatorAlert(crossing))


def health(minute: int = 45, issues: tuple[str, ...] = ()) -> Message:
    measured = Health(
        status="warning" if issues else "healthy",
        timestamp=at(minute),
        active_symbols=485,
        connection_status="connected",
        data_flow=DataFlow(125.3, 480, 45),
        resource_usage=ResourceUsage(35.2, 512, 8),
        issues=list(issues),
    )
    return message(Channel.HEALTH, StreamingHealth(measured))


def critical(minute: int = 45, text: str = "connection lost") -> Message:
    return message(
        Channel.CRITICAL_ALERTS,
        CriticalAlert(Critical("critical", text, at(minute), "feed", "check the credentials", None)),
    )


def bars(minute: int, *symbols: str, open_: float = 10.0) -> Message:
    sealed = [Bar(symbol, open_, open_ + 1, open_ - 1, open_ + 0.5, 1200) for symbol in symbols]
    return message(Channel.BARS, StreamingBars(at(minute), at(minute + 1), "1min", sealed))


def forming(minute: int, *symbols: str, close: float = 10.5) -> Message:
    standing = [Bar(symbol, 10.0, max(10.0, close), min(10.0, close), close, 700) for symbol in symbols]
    return message(Channel.FORMING_BARS, FormingBars(at(minute), at(minute), "1min", standing))


def checkpoint(
    sequence: int = 1,
    running: Session | None = None,
    counts: dict[str, int] | None = None,
    service: str = "service-1",
    sent_ms: int = OPEN_MS,
) -> Message:
    return message(
        Channel.CHECKPOINT,
        Checkpoint(
            service_id=service,
            sequence=sequence,
            counts=counts or {},
            source="simulator:1",
            speed=60.0,
            market_time=at(45),
            session=running,
            timestamp=to_iso(sent_ms),
        ),
    )


INCOMPLETE_PATTERN: Message = (
    Channel.PATTERNS.value,
    b'{"type":"streaming_pattern","detection":{"symbol":"TEST","pattern_type":"Doji","confidence":0.9}}',
)
"""The specification's own test event for redis-cli, which lacks most of the required fields."""

HOSTILE_PAYLOADS = (
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{}",
    b"{",
    b"\xff\xfe\x00",
    b'{"type":"streaming_pattern"}',
    b'{"type":"no_such_event"}',
    b'{"type":"streaming_indicator","calculation":{"symbol":"<img src=x onerror=alert(1)>","indicator":"RSI"}}',
    b"[" * 50_000,
    b'{"type":' + b"9" * 5_000 + b"}",
    b"x" * 300_000,
)


KEPT = {"patterns": MAX_PATTERNS, "alerts": MAX_ALERTS, "critical": MAX_CRITICAL, "health_history": MAX_HEALTH}
"""What a page keeps that is to be compared with a snapshot; without it, a page keeps all."""


class Page:
    """A page that follows the protocol: what it has after a snapshot and some deltas."""

    def __init__(self, snapshot: object, kept: Mapping[str, int] | None = None) -> None:
        self.has = _plain(snapshot)
        self._kept = kept or {}

    def follow(self, delta: object) -> None:
        fields = _plain(delta)
        if fields.pop("new_session", False):
            self.has |= {"symbols": {}, "patterns": [], "alerts": []}
        for name, value in fields.items():
            match name:
                case "patterns" | "alerts" | "critical" | "health_history":
                    self.has[name] = (self.has[name] + value)[-self._kept.get(name, 0) :]
                case "repaired":
                    for kind, events in value.items():
                        self.has[kind] = sorted(self.has[kind] + events, key=lambda event: event["timestamp"])
                case "gaps":
                    gaps = {gap["id"]: gap for gap in [*self.has["gaps"], *value]}
                    self.has["gaps"] = [gaps[number] for number in sorted(gaps)]
                case "symbols":
                    self._merge(value)
                case _:
                    self.has[name] = value

    def _merge(self, changes: dict[str, dict[str, object]]) -> None:
        for symbol, change in changes.items():
            state = self.has["symbols"].setdefault(symbol, {"indicators": {}})
            indicators = {**state["indicators"], **change["indicators"]}  # type: ignore[dict-item]
            state.update({**change, "indicators": indicators})


def _plain(fields: object) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fields))
    return plain
