"""Reading a session's history from the tables, so that a page opened in its middle shows all of it."""

from datetime import timedelta
from typing import Final

import structlog

from tickstockpl.contract.events import Calculation, Session, SessionSummary
from tickstockpl.contract.instances import instance_name
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.dashboard.live.history import History
from tickstockpl.dashboard.live.protocol import EVENTS_KEPT, MAX_CRITICAL, MAX_HEALTH, indicator_outputs
from tickstockpl.dashboard.live.symbols import SymbolState
from tickstockpl.store.queries import DatabaseUnavailableError, Queries
from tickstockpl.store.records import BarRecord, SessionRecord

INDICATORS_SINCE: Final = timedelta(minutes=30)
"""A symbol's indicators are looked for in so much market time before the session's newest bar."""

_log = structlog.get_logger(__name__)


async def read_history(queries: Queries, session_id: str | None) -> History | None:
    """Read one session, or the one that was begun last; about 0.5 s for a full day of 500 symbols.

    Returns:
        ``None`` if there is no such session.

    Raises:
        DatabaseUnavailableError: if the database cannot be asked.
    """
    if session_id is None:
        newest = await queries.sessions(1)
        session = newest[0] if newest else None
    else:
        session = await queries.session(session_id)
    if session is None:
        return None
    bars = await queries.session_bars(session.session_id)
    indicators: list[Calculation] = []
    if bars:
        newest_ms = max(from_iso(bar.minute) for bar in bars)
        since = to_iso(newest_ms - INDICATORS_SINCE // timedelta(milliseconds=1))
        indicators = await queries.session_indicators(session.session_id, since)
    return History(
        session_id=session.session_id,
        source=session.source,
        session=_running(session),
        summary=_summary(session),
        patterns=(await queries.session_patterns(session.session_id, EVENTS_KEPT))[::-1],
        alerts=(await queries.session_alerts(session.session_id, EVENTS_KEPT))[::-1],
        critical=(await queries.session_critical_alerts(session.session_id, MAX_CRITICAL))[::-1],
        health=(await queries.session_health(session.session_id, MAX_HEALTH))[::-1],
        symbols=_symbols(bars, indicators),
        totals=await _totals(queries, session.session_id),
    )


def _running(session: SessionRecord) -> Session | None:
    if session.stopped_at is not None:
        return None
    return Session(session.session_id, session.universe, session.started_at, session.symbol_count, "active")


def _summary(session: SessionRecord) -> SessionSummary | None:
    if session.stopped_at is None:
        return None
    duration_ms = from_iso(session.stopped_at) - from_iso(session.started_at)
    match session.final_status:
        case "completed" | "stopped" | "failed" as final_status:
            pass
        case _:
            final_status = "stopped"
    return SessionSummary(
        session.session_id,
        session.stopped_at,
        max(0, duration_ms // 1000),
        session.total_patterns,
        session.total_indicators,
        final_status,
    )


def _symbols(bars: list[BarRecord], indicators: list[Calculation]) -> dict[str, SymbolState]:
    symbols: dict[str, SymbolState] = {
        bar.symbol: {
            "bar": (round(bar.open, 6), round(bar.high, 6), round(bar.low, 6), round(bar.close, 6), bar.volume),
            "minute": bar.minute,
            "first_open": round(bar.first_open, 6),
            "indicators": {},
        }
        for bar in bars
    }
    for calculation in indicators:
        state = symbols.setdefault(calculation.symbol, {"indicators": {}})
        name = instance_name(calculation.indicator, calculation.metadata)
        state["indicators"][name] = indicator_outputs(calculation.indicator, calculation.value, calculation.metadata)
    return symbols


async def _totals(queries: Queries, session_id: str) -> dict[str, int]:
    """Best effort: a table too large to count in time must not keep the rest from being shown."""
    try:
        counts = await queries.session_counts(session_id)
    except DatabaseUnavailableError as error:
        _log.warning("rows of the session not counted", reason=str(error))
        return {}
    return {
        "patterns": counts.patterns,
        "indicators": counts.indicators,
        "alerts": counts.alerts,
        "bars": counts.bars,
    }
