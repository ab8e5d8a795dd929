"""A streaming session: who it is and what it has come to."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tickstockpl.contract.events import Session, SessionStarted, SessionStopped, SessionSummary
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay, in_words
from tickstockpl.store.rows import MinuteRows, SessionClosing, SessionOpening
from tickstockpl.store.sessions import StoredSession
from tickstockpl.streaming.identity import session_id

FinalStatus = Literal["completed", "stopped", "failed"]

FIRST_OF_DAY = 1
"""The ordinal of a source's first session of a universe on a trading day."""


@dataclass(slots=True)
class LiveSession:
    """One session while it runs.

    Attributes:
        id: the same whenever the same source, day and universe is streamed.
        day: the trading day it belongs to.
        universe: key of the universe.
        source: where the bars come from.
        symbol_count: symbols of the universe.
        ordinal: which of the source's sessions of this universe on this day it is, from 1.
        started_ms: when it started: the open, or later where an operator or a late service started it.
        stored_until_ms: end of the last minute that an earlier run of this session has stored; if none has, the first
            whole minute from the start on.
        patterns: detections published, earlier runs included.
        indicators: indicator values published, earlier runs included.
        alerts: indicator alerts published by this run.
        bars: bars published by this run.
    """

    id: UUID
    day: MarketDay
    universe: str
    source: str
    symbol_count: int
    ordinal: int
    started_ms: int
    stored_until_ms: int
    patterns: int = 0
    indicators: int = 0
    alerts: int = 0
    bars: int = 0

    @classmethod
    def of_day(
        cls,
        day: MarketDay,
        universe: str,
        source: str,
        symbol_count: int,
        *,
        ordinal: int = FIRST_OF_DAY,
        started_ms: int | None = None,
    ) -> "LiveSession":
        """A session of a day, before anything is known of earlier runs; from the open on unless told otherwise."""
        identity = session_id(source, day.date, universe, ordinal)
        start_ms = day.open_ms if started_ms is None else max(day.open_ms, started_ms)
        return cls(identity, day, universe, source, symbol_count, ordinal, start_ms, _whole_minute(start_ms))

    def resume(self, stored: StoredSession) -> None:
        """Go on where an earlier run has stored its last minute."""
        self.started_ms = from_iso(stored.started_at)
        self.stored_until_ms = (
            _whole_minute(self.started_ms) if stored.last_minute is None else from_iso(stored.last_minute) + MINUTE_MS
        )
        self.patterns = stored.total_patterns
        self.indicators = stored.total_indicators

    def count(self, rows: MinuteRows) -> None:
        """A minute has gone out."""
        self.patterns += len(rows.patterns)
        self.indicators += len(rows.indicators)
        self.alerts += len(rows.alerts)
        self.bars += len(rows.bars)

    @property
    def contract(self) -> Session:
        """The session as the contract describes it."""
        return Session(
            session_id=str(self.id),
            universe=self.universe,
            started_at=to_iso(self.started_ms),
            symbol_count=self.symbol_count,
            status="active",
        )

    @property
    def begun(self) -> str:
        """When it started, for people."""
        return in_words(self.started_ms)

    @property
    def started(self) -> SessionStarted:
        """What announces it."""
        return SessionStarted(self.contract, to_iso(self.started_ms))

    @property
    def opening(self) -> SessionOpening:
        """Its row, at the start."""
        return SessionOpening(
            session_id=str(self.id),
            universe=self.universe,
            started_at=to_iso(self.started_ms),
            symbol_count=self.symbol_count,
            source=self.source,
            trading_date=self.day.date,
            ordinal=self.ordinal,
        )

    def stopped(self, at_ms: int, status: FinalStatus) -> SessionStopped:
        """What announces its end."""
        return SessionStopped(
            SessionSummary(
                session_id=str(self.id),
                stopped_at=to_iso(at_ms),
                duration_seconds=max(0, at_ms - self.started_ms) // 1000,
                total_patterns=self.patterns,
                total_indicators=self.indicators,
                final_status=status,
            ),
            to_iso(at_ms),
        )

    def closing(self, at_ms: int, status: FinalStatus) -> SessionClosing:
        """Its row, at the end."""
        return SessionClosing(str(self.id), to_iso(at_ms), self.patterns, self.indicators, status)


def _whole_minute(moment_ms: int) -> int:
    """The start of the first minute that lies whole after a moment: of another the first trades are unknown."""
    return -(-moment_ms // MINUTE_MS) * MINUTE_MS
