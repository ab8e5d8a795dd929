"""What a message says, in one line of words."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Alert,
    Calculation,
    Critical,
    CriticalAlert,
    Detection,
    Health,
    IndicatorAlert,
    SessionStarted,
    SessionStopped,
    StreamingHealth,
    StreamingIndicator,
)
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.printable import printable

Tone = Literal["plain", "good", "warning", "bad"]

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Channel.SESSION_STARTED: "session",
        Channel.SESSION_STOPPED: "session",
        Channel.PATTERNS: "pattern",
        Channel.HIGH_CONFIDENCE_PATTERNS: "confident",
        Channel.INDICATORS: "indicator",
        Channel.INDICATOR_ALERTS: "alert",
        Channel.HEALTH: "health",
        Channel.CRITICAL_ALERTS: "critical",
    }
)
"""What events are called, by the channels that are listed. The producer's own channels are only counted."""

INVALID: Final = "invalid"
"""What a message is called that is not what its channel carries."""


class Entry(NamedTuple):
    """One line.

    Attributes:
        number: rises with every entry that was made.
        channel: on which it came.
        kind: what it is called.
        time: the market's time that it names, ``HH:MM:SS``; empty where it names none.
        symbol: whom it is about; empty for the market as a whole.
        words: what happened.
        tone: how it is meant.
    """

    number: int
    channel: str
    kind: str
    time: str
    symbol: str
    words: str
    tone: Tone

    @property
    def line(self) -> str:
        """All of it, as text."""
        return f"{self.time:8}  {self.kind:9}  {self.symbol:10}  {self.words}"

    @property
    def sought(self) -> str:
        """What a filter looks into."""
        return f"{self.kind} {self.symbol} {self.words}".lower()


class _Said(NamedTuple):
    symbol: str
    words: str
    tone: Tone = "plain"


def entries_of(heard: Heard, number: int) -> Iterator[Entry]:
    """The lines of one message: none of a channel that is not listed, several of a batch.

    Args:
        heard: the message.
        number: of the first entry.
    """
    if heard.fault is not None:
        where = f"{heard.fault.field}: " if heard.fault.field else ""
        channel = heard.channel.removeprefix("tickstock:")
        words = printable(f"{where}{heard.fault.reason} ({channel})")
        yield Entry(number, heard.channel, INVALID, "", "", words, "bad")
        return
    kind = KINDS.get(heard.channel)
    if kind is None or heard.time_ms is None:
        return
    time = to_iso(heard.time_ms)[11:19]
    for offset, said in enumerate(_said(heard)):
        yield Entry(number + offset, heard.channel, kind, time, said.symbol, printable(said.words), said.tone)


def _said(heard: Heard) -> Iterator[_Said]:
    match heard.event:
        case StreamingIndicator(calculation):
            yield _of_calculation(calculation)
        case IndicatorAlert(alert):
            yield _of_alert(alert)
        case StreamingHealth(health):
            yield _of_health(health)
        case CriticalAlert(alert):
            yield _of_critical(alert)
        case SessionStarted(session):
            yield _Said(
                "", f"started: {session.universe}, {session.symbol_count:,} symbols, {session.session_id}", "good"
            )
        case SessionStopped(summary):
            totals = f"{summary.total_patterns:,} patterns, {summary.total_indicators:,} indicators"
            tone: Tone = "bad" if summary.final_status == "failed" else "good"
            yield _Said("", f"{summary.final_status}: {totals}, {summary.session_id}", tone)
        case _:
            for detection in heard.detections:
                yield _of_detection(detection)


def _of_detection(detection: Detection) -> _Said:
    why = detection.metadata.explanation
    because = f"  {why}" if isinstance(why, str) and why else ""
    return _Said(detection.symbol, f"{detection.pattern_type} {detection.confidence:.2f}{because}")


def _of_calculation(calculation: Calculation) -> _Said:
    instance = calculation.metadata.get("instance", calculation.indicator)
    return _Said(calculation.symbol, f"{instance} {calculation.value:,.4f}")


def _of_alert(alert: Alert) -> _Said:
    data = alert.data
    words = f"{alert.alert_type}  {data.indicator} {data.value:,.2f} {data.direction} {data.threshold:,.2f}"
    return _Said(alert.symbol, words, "warning" if alert.severity != "info" else "plain")


def _of_health(health: Health) -> _Said:
    return _Said("", health_in_words(health), HEALTH_TONES[health.status])


HEALTH_TONES: Final[Mapping[str, Tone]] = MappingProxyType({"healthy": "good", "warning": "warning", "critical": "bad"})


def health_in_words(health: Health) -> str:
    """Status, figures and what is wrong."""
    flow, usage = health.data_flow, health.resource_usage
    coming_in = (
        f"{health.active_symbols:,} symbols, {flow.ticks_per_second:,.0f} ticks/s, {flow.bars_per_minute:,} bars/min"
    )
    taken = f"lag {flow.processing_lag_ms:,} ms, CPU {usage.cpu_percent:.0f} %, {usage.memory_mb:,} MB"
    connection = "" if health.connection_status == "connected" else f", {health.connection_status}"
    issues = f": {'; '.join(health.issues)}" if health.issues else ""
    return f"{health.status}{connection}{issues}  {coming_in}, {taken}"


def _of_critical(alert: Critical) -> _Said:
    if alert.recovery is not None:
        return _Said("", f"{alert.component}: {alert.message}; {alert.recovery}", "good")
    action = f"; {alert.action_required}" if alert.action_required else ""
    tone: Tone = "warning" if alert.severity in ("info", "warning") else "bad"
    return _Said("", f"{alert.component}, {alert.severity}: {alert.message}{action}", tone)


def age_ms(heard: Heard) -> int | None:
    """How old a checkpoint is as it arrives."""
    return None if heard.time_ms is None else max(0, heard.at_ms - heard.time_ms)


def market_clock(market_time: str) -> str:
    """A contract timestamp as a clock shows it."""
    return f"{market_time[:10]} {to_iso(from_iso(market_time))[11:19]}Z"
