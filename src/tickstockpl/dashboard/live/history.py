"""What the database can tell of a session, read before or under the live stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tickstockpl.contract.events import Alert, Critical, Detection, Session, SessionSummary
from tickstockpl.dashboard.live.symbols import SymbolState
from tickstockpl.store.records import HealthRecord


@dataclass(frozen=True, slots=True)
class History:
    """One session as the tables have it; every sequence is oldest first.

    Attributes:
        session_id: which session.
        source: where its bars came from, ``None`` where the tables do not say.
        session: the session if it has not stopped, else ``None``.
        summary: what it came to if it has stopped, else ``None``.
        patterns: the newest.
        alerts: the newest.
        critical: the newest.
        health: the newest.
        symbols: newest bar, first open and newest indicators by symbol.
        totals: rows so far: ``patterns``, ``indicators``, ``alerts``, ``bars``.
    """

    session_id: str
    source: str | None = None
    session: Session | None = None
    summary: SessionSummary | None = None
    patterns: Sequence[Detection] = ()
    alerts: Sequence[Alert] = ()
    critical: Sequence[Critical] = ()
    health: Sequence[HealthRecord] = ()
    symbols: Mapping[str, SymbolState] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
