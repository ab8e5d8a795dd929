"""A streaming session: who it is and what it has come to."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tickstockpl.contract.events import Session, SessionStarted, SessionStopped, SessionSummary
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay
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
        stored_until_ms: end of the last minute that an earlier run of this session has stored; the open if none has.
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
    stored_until_ms: int
    patterns: int = 0
    indicators: int = 0
    alerts: int = 0
    bars: int = 0

    @classmethod
    def of_day(cls, day: MarketDay, universe: str, source: str, symbol_count: int) -> "LiveSession":
        """The session of a day, before anything is known of earlier runs."""
        identity = session_id(source, day.date, universe, FIRST_OF_DAY)
        return cls(identity, day, universe, source, symbol_count, stored_until_ms=day.open_ms)

    def resume(self, stored: StoredSession) -> None:
        """Go on where an earlier run has stored its last minute."""
        if stored.last_minute is not None:
            self.stored_until_ms = from_iso(stored.last_minute) + MINUTE_MS
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
            started_at=to_iso(self.day.open_ms),
            symbol_count=self.symbol_count,
            status="active",
        )

    @property
    def started(self) -> SessionStarted:
        """What announces it."""
        return SessionStarted(self.contract, to_iso(self.day.open_ms))

    @property
    def opening(self) -> SessionOpening:
        """Its row, at the start."""
        return SessionOpening(
            session_id=str(self.id),
            universe=self.universe,
            started_at=to_iso(self.day.open_ms),
            symbol_count=self.symbol_count,
            source=self.source,
            trading_date=self.day.date,
            ordinal=FIRST_OF_DAY,
        )

    def stopped(self, at_ms: int, status: FinalStatus) -> SessionStopped:
        """What announces its end."""
        return SessionStopped(
            SessionSummary(
                session_id=str(self.id),
                stopped_at=to_iso(at_ms),
                duration_seconds=max(0, at_ms - self.day.open_ms) // 1000,
                total_patterns=self.patterns,
                total_indicators=self.indicators,
                final_status=status,
            ),
            to_iso(at_ms),
        )

    def closing(self, at_ms: int, status: FinalStatus) -> SessionClosing:
        """Its row, at the end."""
        return SessionClosing(str(self.id), to_iso(at_ms), self.patterns, self.indicators, status)
