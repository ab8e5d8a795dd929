"""A message as it was heard: where, when, and what the contract makes of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tickstockpl.contract.codec import ContractError, decode
from tickstockpl.contract.events import (
    Alert,
    Calculation,
    Checkpoint,
    CriticalAlert,
    Detection,
    Event,
    IndicatorAlert,
    SessionStarted,
    SessionStopped,
    StreamingHealth,
    StreamingIndicator,
    StreamingPattern,
    StreamingPatternsBatch,
)
from tickstockpl.contract.instances import instance_name
from tickstockpl.contract.timestamps import from_iso

_PLACE = re.compile(r"^(?P<reason>.*?)(?: - at `(?P<field>\$.*)`)?$", re.DOTALL)
_LACKING = re.compile(r"missing required field `(?P<name>[^`]*)`")


class Fault(NamedTuple):
    """Why a message is not what its channel carries: where in it, and in words."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One message.

    Attributes:
        channel: its name.
        number: its number on the channel, from 1.
        payload: as it came.
        at_ms: when, wall clock, milliseconds since the epoch.
        event: what it says; ``None`` if it is not what the channel carries.
        time_ms: the time that the event itself names; ``None`` without an event.
        fault: why there is no event.
    """

    channel: str
    number: int
    payload: bytes
    at_ms: int
    event: Event | None
    time_ms: int | None
    fault: Fault | None

    @classmethod
    def read(cls, channel: str, number: int, payload: bytes, at_ms: int) -> "Heard":
        """Read a message; never raises, whatever it is."""
        try:
            event = decode(channel, payload)
            time_ms = _time_of(event)
        except ContractError as error:
            return cls(channel, number, payload, at_ms, None, None, _fault(str(error).removeprefix(f"{channel}: ")))
        except ValueError as error:  # it looks like a time, and is not in the calendar
            return cls(channel, number, payload, at_ms, None, None, Fault(_time_field(event), str(error)))
        return cls(channel, number, payload, at_ms, event, time_ms, None)

    @property
    def detections(self) -> list[Detection]:
        """The patterns in it, whether it holds one or a batch."""
        if isinstance(self.event, StreamingPattern):
            return [self.event.detection]
        return self.event.patterns if isinstance(self.event, StreamingPatternsBatch) else []

    def identities(self) -> Iterator[tuple[object, ...]]:
        """What tells each thing it says from every other on its channel; a second one with the same is a duplicate."""
        event = self.event
        if isinstance(event, StreamingIndicator):
            yield calculation_key(event.calculation)
        elif isinstance(event, IndicatorAlert):
            yield alert_key(event.alert)
        elif isinstance(event, StreamingPattern | StreamingPatternsBatch):
            for detection in self.detections:
                yield detection_key(detection)
        elif not isinstance(event, Checkpoint | None):
            yield (self.payload,)


def detection_key(detection: Detection) -> tuple[str, ...]:
    """Session, symbol, pattern and minute."""
    session_id = detection.metadata.session_id
    return session_id, detection.symbol, detection.pattern_type, detection.timestamp


def calculation_key(calculation: Calculation) -> tuple[str, ...]:
    """Symbol, indicator with its parameters, and minute."""
    instance = instance_name(calculation.indicator, calculation.metadata)
    return calculation.symbol, calculation.indicator, instance, calculation.timestamp


def alert_key(alert: Alert) -> tuple[str | float, ...]:
    """Symbol, type, what crossed what, and minute."""
    data = alert.data
    return alert.symbol, alert.alert_type, data.indicator, data.value, data.threshold, alert.timestamp


def _time_of(event: Event) -> int:
    """The event's own time; every other time in it must exist too."""
    match event:
        case StreamingPattern():
            return from_iso(event.detection.timestamp)
        case StreamingPatternsBatch():
            for detection in event.patterns:
                from_iso(detection.timestamp)
            return from_iso(event.batch_timestamp)
        case StreamingIndicator():
            return from_iso(event.calculation.timestamp)
        case IndicatorAlert() | CriticalAlert():
            return from_iso(event.alert.timestamp)
        case StreamingHealth():
            return from_iso(event.health.timestamp)
        case SessionStarted():
            from_iso(event.session.started_at)
        case SessionStopped():
            from_iso(event.session.stopped_at)
        case _:
            pass
    return from_iso(event.timestamp)


def _time_field(event: Event) -> str:
    holders = {
        StreamingPattern: "detection.",
        StreamingPatternsBatch: "patterns[...].",
        StreamingIndicator: "calculation.",
        IndicatorAlert: "alert.",
        CriticalAlert: "alert.",
        StreamingHealth: "health.",
    }
    return f"$.{holders.get(type(event), '')}timestamp"


def _fault(reason: str) -> Fault:
    found = _PLACE.match(reason)
    if found is None:
        return Fault("", reason)
    field, said = found["field"] or "", found["reason"]
    if lacking := _LACKING.search(said):
        return Fault(f"{field or '$'}.{lacking['name']}", "it is missing")
    return Fault(field, said[:1].lower() + said[1:])
