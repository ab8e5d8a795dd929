"""The sessions of a producer, as they were heard."""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.events import (
    Checkpoint,
    Critical,
    CriticalAlert,
    SessionStarted,
    SessionStopped,
    StreamingHealth,
)
from tickstockpl.contract.timestamps import from_iso

_REMEMBERED: Final = 100


class SessionHeard(Struct):
    """One session; times are the market's, milliseconds since the epoch.

    Attributes:
        session_id: its id.
        started_ms: when it started, as it says.
        is_whole: whether its start was heard, so that nothing of it is unknown.
        until_ms: up to when it was heard.
        stopped_ms: when it stopped; ``None`` while it runs.
        final_status: of a session that has ended.
        errors: alerts of severity ``error`` or ``critical``.
        recoveries: alerts of something that was back.
    """

    session_id: str
    started_ms: int
    is_whole: bool
    until_ms: int
    stopped_ms: int | None = None
    final_status: str = ""
    errors: int = 0
    recoveries: int = 0

    @property
    def heard_s(self) -> float:
        """Market seconds of it that were heard."""
        return (self.until_ms - self.started_ms) / 1000 if self.is_whole else 0.0


class SessionsHeard:
    """Takes down which sessions there were, and what went wrong in them."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, SessionHeard] = OrderedDict()
        self._running: SessionHeard | None = None

    @property
    def all(self) -> list[SessionHeard]:
        """Oldest first."""
        return list(self._sessions.values())

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        event = heard.event
        if isinstance(event, SessionStarted):
            started_ms = from_iso(event.session.started_at)
            self._running = self._remember(SessionHeard(event.session.session_id, started_ms, True, started_ms))
        elif isinstance(event, Checkpoint) and event.session is not None:
            known = self._sessions.get(event.session.session_id)
            if known is None:
                started_ms = from_iso(event.session.started_at)
                known = self._remember(SessionHeard(event.session.session_id, started_ms, False, started_ms))
            self._running = known
            known.until_ms = max(known.until_ms, from_iso(event.market_time))
        elif isinstance(event, StreamingHealth) and self._running is not None and heard.time_ms is not None:
            # A producer that sends no checkpoints still tells by it that its session goes on.
            self._running.until_ms = max(self._running.until_ms, heard.time_ms)
        elif isinstance(event, SessionStopped) and (known := self._sessions.get(event.session.session_id)) is not None:
            known.stopped_ms = known.until_ms = from_iso(event.session.stopped_at)
            known.final_status = event.session.final_status
            self._running = None
        elif isinstance(event, CriticalAlert) and self._running is not None:
            _count(self._running, event.alert)

    def _remember(self, session: SessionHeard) -> SessionHeard:
        self._sessions[session.session_id] = session
        if len(self._sessions) > _REMEMBERED:
            self._sessions.popitem(last=False)
        return session


def _count(session: SessionHeard, alert: Critical) -> None:
    session.errors += alert.severity in ("error", "critical")
    session.recoveries += alert.recovery is not None
