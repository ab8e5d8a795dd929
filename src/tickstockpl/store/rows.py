"""What the writer is asked to store: rows in the order of the tables' columns.

Times are contract timestamps (``2025-10-05T09:30:00.000Z``), which PostgreSQL reads as they are.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

BarRow = tuple[str, float, float, float, float, int]
"""symbol, open, high, low, close, volume"""

PatternRow = tuple[str, str, float, float, float, float, float, int, bytes]
"""symbol, pattern_type, confidence, bar open, high, low, close, volume, metadata (JSON)"""

IndicatorRow = tuple[str, str, float, bytes]
"""symbol, indicator, value, metadata (JSON)"""

AlertRow = tuple[str, str, str, float, float, str, str]
"""symbol, alert_type, indicator, value, threshold, direction, severity"""


@dataclass(frozen=True, slots=True)
class SessionOpening:
    """A session that starts, or is taken up again after an interruption."""

    session_id: str
    universe: str
    started_at: str
    symbol_count: int
    source: str
    trading_date: date
    ordinal: int


@dataclass(frozen=True, slots=True)
class SourceCatalog:
    """What a source's producer looks for (JSON); takes the place of what an earlier start stored."""

    source: str
    catalog: bytes


@dataclass(frozen=True, slots=True)
class MinuteRows:
    """All that one minute gave: stored in one transaction, whole or not at all.

    ``minute`` is the bars' start and ``closed_at`` their close, the time of everything computed from them;
    ``backfilled`` says that it was fetched afterwards.
    """

    source: str
    session_id: str
    minute: str
    closed_at: str
    bars: list[BarRow]
    patterns: list[PatternRow] = field(default_factory=list)
    indicators: list[IndicatorRow] = field(default_factory=list)
    alerts: list[AlertRow] = field(default_factory=list)
    backfilled: bool = False


@dataclass(frozen=True, slots=True)
class RevisionRows:
    """Bars of a minute that is stored, as their source has them now; those that say nothing new are passed over."""

    source: str
    session_id: str
    minute: str
    received_at: str
    bars: list[BarRow]


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One health measurement."""

    session_id: str
    status: str
    active_symbols: int
    ticks_per_second: float
    bars_per_minute: int
    processing_lag_ms: int
    cpu_percent: float
    memory_mb: int
    issues: bytes
    measured_at: str


@dataclass(frozen=True, slots=True)
class CriticalAlertRow:
    """One critical alert or recovery."""

    session_id: str | None
    severity: str
    message: str
    component: str
    action_required: str | None
    recovery: str | None
    raised_at: str


@dataclass(frozen=True, slots=True)
class SessionClosing:
    """A session that ends."""

    session_id: str
    stopped_at: str
    total_patterns: int
    total_indicators: int
    final_status: Literal["completed", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class CommandRow:
    """What an operator asked of a service, and what came of it.

    ``trading_date`` is the day that it was about, ``session_id`` the session that ran when it was handled.
    """

    request_id: str
    source: str
    trading_date: date | None
    action: Literal["start", "stop"]
    universe: str | None
    requested_by: str
    requested_at: str
    accepted: bool
    reason: str | None
    session_id: str | None
    handled_at: str


StoreJob = (
    SessionOpening
    | SourceCatalog
    | MinuteRows
    | RevisionRows
    | HealthRow
    | CriticalAlertRow
    | CommandRow
    | SessionClosing
)
