"""What a running service tells its operator."""

from collections import deque
from dataclasses import dataclass, field

from tickstockpl.contract.events import Health, SessionSummary
from tickstockpl.market.calendar import MarketDay

KEPT_NOTES = 50


@dataclass(slots=True)
class ServiceStatus:
    """Read by the status line, written by the service.

    Attributes:
        stage: what the service is doing, in words.
        day: the trading day that is played.
        market_ms: market time up to which everything has gone out.
        events: messages published since the start, checkpoints left out.
        patterns: detections of all sessions.
        indicators: indicator values of all sessions.
        alerts: indicator alerts of all sessions.
        bars: bars of all sessions.
        health: the newest measurement.
        lag_ms: how long after its close the newest minute was out.
        summaries: the sessions that have ended.
        notes: the newest sentences for the operator, newest last.
        notes_count: how many there have been.
    """

    stage: str = "starting"
    day: MarketDay | None = None
    market_ms: int = 0
    events: int = 0
    patterns: int = 0
    indicators: int = 0
    alerts: int = 0
    bars: int = 0
    health: Health | None = None
    lag_ms: float = 0.0
    summaries: list[SessionSummary] = field(default_factory=list)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_NOTES))
    notes_count: int = 0

    def note(self, sentence: str) -> None:
        """Tell the operator something."""
        self.notes.append(sentence)
        self.notes_count += 1
