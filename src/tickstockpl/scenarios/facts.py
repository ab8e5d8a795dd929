"""What is compared: events, reduced to what a script can know of them before."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from tickstockpl.contract.channels import HIGH_CONFIDENCE, Channel
from tickstockpl.contract.events import (
    Alert,
    Calculation,
    Critical,
    CriticalAlert,
    Detection,
    Event,
    IndicatorAlert,
    SessionStarted,
    SessionStopped,
    StreamingIndicator,
    StreamingPattern,
    StreamingPatternsBatch,
)

Fact = tuple[str, ...]
"""The words of one event, those that say most first."""

COMPARED: Final = (
    Channel.SESSION_STARTED,
    Channel.SESSION_STOPPED,
    Channel.PATTERNS,
    Channel.HIGH_CONFIDENCE_PATTERNS,
    Channel.INDICATORS,
    Channel.INDICATOR_ALERTS,
    Channel.CRITICAL_ALERTS,
)
"""Channels of which a script knows every event. Of health it knows the least number only."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Of each channel, how often each event.

    Attributes:
        sent: what goes out, is heard and is stored.
        afterwards: what is found in minutes that were fetched afterwards: stored, and not sent.
    """

    sent: Mapping[Channel, Counter[Fact]] = field(default_factory=lambda: _none())
    afterwards: Mapping[Channel, Counter[Fact]] = field(default_factory=lambda: _none())


def _none() -> Mapping[Channel, Counter[Fact]]:
    return MappingProxyType({channel: Counter() for channel in COMPARED})


def facts_of(event: Event) -> Iterable[Fact]:
    """The facts in an event; none in one of a channel that is not compared."""
    find = _FINDERS.get(type(event))
    return () if find is None else find(event)


def started(symbol_count: int) -> Fact:
    """A session's start."""
    return (f"{symbol_count} symbols",)


def stopped(final_status: str, patterns: int, indicators: int) -> Fact:
    """A session's end."""
    return (final_status, f"{patterns} patterns", f"{indicators} indicators")


def critical(severity: str, component: str, *, recovery: bool) -> Fact:
    """A critical alert, without its wording."""
    return (severity, component, "recovery" if recovery else "")


def is_confident(confidence: float) -> bool:
    """Whether a pattern belongs on ``patterns:detected`` too."""
    return confidence >= HIGH_CONFIDENCE


def _of_detection(detection: Detection) -> Fact:
    return (detection.pattern_type, detection.symbol, detection.timestamp)


def _of_calculation(calculation: Calculation) -> Fact:
    return (str(calculation.metadata.get("instance")), calculation.symbol, calculation.timestamp)


def _of_alert(alert: Alert) -> Fact:
    return (alert.alert_type, alert.symbol, alert.timestamp)


def _of_critical(alert: Critical) -> Fact:
    return critical(alert.severity, alert.component, recovery=alert.recovery is not None)


_FINDERS: Final[Mapping[type[Event], Callable[[Any], Iterable[Fact]]]] = MappingProxyType(
    {
        SessionStarted: lambda event: [started(event.session.symbol_count)],
        SessionStopped: lambda event: [
            stopped(event.session.final_status, event.session.total_patterns, event.session.total_indicators)
        ],
        StreamingPattern: lambda event: [_of_detection(event.detection)],
        StreamingPatternsBatch: lambda event: map(_of_detection, event.patterns),
        StreamingIndicator: lambda event: [_of_calculation(event.calculation)],
        IndicatorAlert: lambda event: [_of_alert(event.alert)],
        CriticalAlert: lambda event: [_of_critical(event.alert)],
    }
)
