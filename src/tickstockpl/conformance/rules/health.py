"""Health is said in time and fits together."""

from typing import Final

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, Health, SessionStarted, SessionStopped, StreamingHealth
from tickstockpl.contract.timestamps import from_iso

LATEST_S: Final = 120
"""The specification's critical limit between two health events of a session; 60 s is its target."""


class HealthRule:
    """A session's health events come at most 120 s apart, and what each says agrees with itself.

    The distance is measured by the times that the events name, which are the market's: a replay at sixty times the
    market's pace says its health every second.
    """

    def __init__(self) -> None:
        self._since_ms: int | None = None
        self._market_ms: int | None = None
        self._events = 0
        self._longest_s = 0.0
        self._offences = Offences()

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        event = heard.event
        if isinstance(event, SessionStarted):
            self._since_ms = self._market_ms = heard.time_ms
        elif isinstance(event, SessionStopped):
            self._until(from_iso(event.session.stopped_at), heard.number, "the session ended")
            self._since_ms = None
        elif isinstance(event, Checkpoint):
            self._market_ms = from_iso(event.market_time) if event.session is not None else self._market_ms
        elif isinstance(event, StreamingHealth) and heard.time_ms is not None:
            self._events += 1
            self._until(heard.time_ms, heard.number, "it came")
            self._since_ms = self._market_ms = heard.time_ms
            self._agrees(event.health, heard)

    def finding(self, until_ms: int) -> Finding:
        """How many were late, or contradict themselves."""
        del until_ms
        if self._market_ms is not None:
            self._until(self._market_ms, 0, "listening ended")
            self._since_ms = None
        return self._offences.finding(
            "health",
            f"{self._events:,} health events, at most {self._longest_s:g} s of market time apart",
            f"{{count}} faults in {self._events:,} health events",
            unknown="" if self._events else "no health event was heard",
        )

    def _until(self, now_ms: int, number: int, what: str) -> None:
        if self._since_ms is None:
            return
        apart_s = (now_ms - self._since_ms) / 1000
        self._longest_s = max(self._longest_s, apart_s)
        if apart_s > LATEST_S:
            reason = f"{what} {apart_s:g} s after the one before; the limit is {LATEST_S} s, the target 60 s"
            self._offences.add(Channel.HEALTH, number, reason, field="$.health.timestamp")

    def _agrees(self, health: Health, heard: Heard) -> None:
        said: list[tuple[str, str]] = []
        if health.status == "healthy" and health.issues:
            said.append(("$.health.issues", f"it is healthy and has {len(health.issues)} issues"))
        if health.status != "healthy" and not health.issues:
            said.append(("$.health.issues", f"it is {health.status} and names no issue"))
        if health.status == "healthy" and health.connection_status != "connected":
            said.append(("$.health.status", f"it is healthy and {health.connection_status}"))
        for field, reason in said:
            self._offences.add(heard.channel, heard.number, reason, field=field, payload=heard.payload)
